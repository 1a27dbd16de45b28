import { Client } from 'pg';
import { newId, tenantIdOf, type TenantId } from '../../../src/kernel/ids';
import { APP, OWNER } from '../../../src/platform/database';
import { cloneDatabase, dropDatabase, type TestDatabase } from '../../support';
import { readCatalogue, tenantColumnOf, tenantTables, type Table } from './support/catalogue';
import { insertOf, rowFor, sampledTables } from './support/rows';
import { ATTEMPTS, leaksOf, ownRights } from './support/trespass';

const ann = tenantIdOf(newId());
const bob = tenantIdOf(newId());

const TRESPASSERS = [
  { who: 'another tenant', as: bob },
  { who: 'nobody', as: null },
] as const;

/**
 * One row for each tenant, past foreign keys and triggers: only the walls are tried here. Answers what could
 * not be written.
 */
async function fill(admin: Client, tables: readonly Table[]): Promise<string[]> {
  const failures: string[] = [];
  await admin.query('SET session_replication_role = replica');
  for (const table of tables) {
    for (const tenant of [ann, bob]) {
      const { text, values } = insertOf(table, rowFor(table, tenant));
      await admin
        .query(text, values)
        .catch((error: unknown) =>
          failures.push(`${table.name} needs a sample in support/rows.ts: ${String(error)}`),
        );
    }
  }
  await admin.query('SET session_replication_role = origin');
  return failures;
}

async function contents(
  admin: Client,
  tables: readonly Table[],
  tenant: TenantId,
): Promise<Record<string, unknown[]>> {
  const found: Record<string, unknown[]> = {};
  for (const table of tables)
    found[table.name] = (
      await admin.query(`SELECT t::text FROM ${table.name} t WHERE ${tenantColumnOf(table)} = $1`, [tenant])
    ).rows;
  return found;
}

describe('a row of one tenant, in every table that has tenants', () => {
  let urls: TestDatabase['urls'];
  let admin: Client;
  let app: Client;
  let tables: Table[];
  let unfilled: string[];

  beforeAll(async () => {
    urls = await cloneDatabase();
    [admin, app] = [new Client({ connectionString: urls.admin }), new Client({ connectionString: urls.app })];
    await Promise.all([admin.connect(), app.connect()]);
    tables = tenantTables(await readCatalogue(admin));
    unfilled = await fill(admin, tables);
  });
  afterAll(async () => {
    await Promise.all([admin.end(), app.end()]);
    await dropDatabase(urls);
  });

  it('can be made, so that no table is tried while it is empty', async () => {
    expect(unfilled).toEqual([]);
    expect(tables.length).toBeGreaterThan(0);
    expect(sampledTables().filter((name) => !tables.some((table) => table.name === name))).toEqual([]);
  });

  it('is seen by its tenant, and its wall lets the tenant write where it has the right to', async () => {
    const faults: string[] = [];
    for (const table of tables) {
      const { seen, insert } = await ownRights(app, table, ann);
      if (seen !== 1) faults.push(`${table.name}: ${seen} rows seen`);
      if (insert === '42501' && table.appMay.includes('INSERT'))
        faults.push(`${table.name}: a row of its own is refused`);
    }
    expect(faults).toEqual([]);
  });

  describe.each(TRESPASSERS)('tried by $who', ({ as }) => {
    it.each(Object.keys(ATTEMPTS))('is safe from %s', async (attempt) => {
      const before = await contents(admin, tables, ann);
      expect(await leaksOf(attempt, app, tables, { victim: ann, as })).toEqual([]);
      expect(await contents(admin, tables, ann)).toEqual(before);
    });
  });

  it('stays hidden on a connection whose last transaction had a tenant', async () => {
    await app.query(`BEGIN; SET LOCAL app.tenant_id = '${ann}'; COMMIT`);
    expect(await leaksOf('SELECT of all', app, tables, { victim: ann, as: null })).toEqual([]);
  });

  it('is a fact where the table says so: refused to the application and, by the trigger, to the owner', async () => {
    const facts = tables.filter((table) => table.triggers.includes('append_only'));
    const done: string[] = [];
    const refused = (client: Client, statement: string) =>
      client.query(statement).catch((error: unknown) => (error as { code?: string }).code);
    for (const table of facts) {
      for (const statement of [
        `UPDATE ${table.name} SET ${tenantColumnOf(table)} = ${tenantColumnOf(table)}`,
        `DELETE FROM ${table.name}`,
        `TRUNCATE ${table.name} CASCADE`,
      ]) {
        await admin.query('BEGIN');
        // The owner's own session would need its password's URL; its rights are what counts, and the trigger
        // asks nobody.
        await admin.query(`SET LOCAL ROLE ${OWNER}`);
        if ((await refused(admin, statement)) !== '42501') done.push(`${OWNER}: ${statement}`);
        await admin.query('ROLLBACK');
        await app.query(`BEGIN; SET LOCAL app.tenant_id = '${ann}'`);
        if ((await refused(app, statement)) !== '42501') done.push(`${APP}: ${statement}`);
        await app.query('ROLLBACK');
      }
    }
    expect(facts.length).toBeGreaterThan(0);
    expect(done).toEqual([]);
  });
});

/**
 * Each attempt is seen to succeed once where the wall is missing: a check that cannot fail proves nothing.
 */
describe('a table without walls', () => {
  let urls: TestDatabase['urls'];
  let admin: Client;
  let app: Client;
  let bare: Table;

  beforeAll(async () => {
    urls = await cloneDatabase();
    [admin, app] = [new Client({ connectionString: urls.admin }), new Client({ connectionString: urls.app })];
    await Promise.all([admin.connect(), app.connect()]);
    await admin.query(
      `CREATE TABLE platform.bare (tenant_id uuid NOT NULL, id uuid NOT NULL, note text); GRANT ALL
        ON platform.bare TO ${APP}`,
    );
    bare = tenantTables(await readCatalogue(admin)).find((table) => table.name === 'platform.bare') as Table;
    await fill(admin, [bare]);
  });
  afterAll(async () => {
    await Promise.all([admin.end(), app.end()]);
    await dropDatabase(urls);
  });

  describe.each(TRESPASSERS)('tried by $who', ({ as }) => {
    it.each(Object.keys(ATTEMPTS).filter((attempt) => attempt !== 'TRUNCATE'))(
      'is seen to leak by %s',
      async (attempt) => {
        expect(await leaksOf(attempt, app, [bare], { victim: ann, as })).toEqual([
          expect.stringMatching(/^platform\.bare: \d+ rows$/),
        ]);
      },
    );
  });

  it('leaks as well when a table had its wall and lost it', async () => {
    const guarded = tenantTables(await readCatalogue(admin)).filter(
      (table) => table.name !== 'platform.bare',
    );
    await fill(admin, guarded);
    for (const table of guarded) await admin.query(`ALTER TABLE ${table.name} DISABLE ROW LEVEL SECURITY`);
    const leaking = await leaksOf('SELECT by tenant', app, guarded, { victim: ann, as: bob });
    expect(leaking.map((leak) => leak.split(':')[0])).toEqual(guarded.map((table) => table.name));
  });
});
