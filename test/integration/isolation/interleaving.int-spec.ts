import { Client } from 'pg';
import type { TenantId } from '../../../src/kernel/ids';
import type { Tx } from '../../../src/kernel/tx';
import { sql } from '../../../src/platform/database';
import { testDatabase, type TestDatabase } from '../../support';
import { readCatalogue, tenantTables, type Table } from './support/catalogue';
import { insertOf, rowFor } from './support/rows';

const UNITS = 1_000;
const POOL = 2;

class Undone extends Error {}

describe('units of work of two tenants on the same two connections', () => {
  let db: TestDatabase;
  let tables: Table[];

  beforeAll(async () => {
    db = await testDatabase({ limits: { poolMax: POOL, connectTimeoutMs: 60_000 } });
    await asAdmin(async (admin) => {
      tables = tenantTables(await readCatalogue(admin));
      await admin.query('SET session_replication_role = replica');
      for (const tenant of [tenantAt(0), tenantAt(1)]) {
        for (const table of tables) {
          const { text, values } = insertOf(table, rowFor(table, tenant));
          await admin.query(text, values);
        }
      }
    });
  });
  afterAll(() => db.close());

  const tenants: TenantId[] = [];
  const tenantAt = (index: number) => (tenants[index] ??= db.newTenant());

  async function asAdmin(work: (admin: Client) => Promise<unknown>): Promise<void> {
    const admin = new Client({ connectionString: db.urls.admin });
    await admin.connect();
    await work(admin).finally(() => admin.end());
  }

  /** Every byte of every row that this transaction can see. */
  async function everything(tx: Tx): Promise<string[]> {
    const text = tables
      .map((table) => `SELECT '${table.name}' || t::text AS row FROM ${table.name} t`)
      .join(' UNION ALL ');
    return (await sql(tx).rows<{ row: string }>({ text, values: [] })).map(({ row }) => row);
  }

  /** Units end in all the ways a unit can end: committed, read-only, thrown by us, failed by the server. */
  async function unit(tenant: TenantId, nth: number): Promise<string[]> {
    let seen: string[] = [];
    const work = db.uow.run(
      tenant,
      async (tx) => {
        seen = await everything(tx);
        if (nth % 5 === 3) throw new Undone();
        if (nth % 7 === 3) await sql(tx).rows({ text: 'SELECT 1 / 0', values: [] });
        return seen;
      },
      { readOnly: nth % 3 === 0 },
    );
    await work.catch((error: unknown) => {
      if (!(error instanceof Undone) && (error as { code?: string }).code !== '22012') throw error;
    });
    return seen;
  }

  /** Units that saw another's byte, or not all of their own rows. */
  async function wrongAmong(units: number): Promise<number[]> {
    const answers = await Promise.all(
      Array.from({ length: units }, async (_, nth) => ({ nth, rows: await unit(tenantAt(nth % 2), nth) })),
    );
    const isWrong = (rows: string[], own: TenantId, other: TenantId) =>
      rows.length !== tables.length || rows.some((row) => row.includes(other) || !row.includes(own));
    return answers
      .filter(({ nth, rows }) => isWrong(rows, tenantAt(nth % 2), tenantAt((nth + 1) % 2)))
      .map(({ nth }) => nth);
  }

  it(`show no byte of the other, ${UNITS} times`, async () => {
    expect(await wrongAmong(UNITS)).toEqual([]);
  }, 60_000);

  it('write their own rows only, also when both write at once', async () => {
    await Promise.all(
      Array.from({ length: 200 }, (_, nth) =>
        db.uow.run(tenantAt(nth % 2), async (tx) => {
          await sql(tx).count({
            text: `UPDATE transfers.transfers SET reason = $1`,
            values: [`written by ${tenantAt(nth % 2)}`],
          });
        }),
      ),
    );
    for (const index of [0, 1]) {
      const rows = await db.uow.run(tenantAt(index), (tx) =>
        sql(tx).rows<{ reason: string }>({ text: 'SELECT reason FROM transfers.transfers', values: [] }),
      );
      expect(rows).toEqual([{ reason: `written by ${tenantAt(index)}` }]);
    }
  });

  it('would show it where one wall of all is down', async () => {
    await asAdmin((admin) => admin.query('ALTER POLICY tenant ON transfers.attempts USING (true)'));
    expect(await wrongAmong(10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
