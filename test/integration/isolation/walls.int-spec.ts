import { Client } from 'pg';
import { APP, OWNER, SYSTEM } from '../../../src/platform/database';
import { cloneDatabase, dropDatabase, type TestDatabase } from '../../support';
import { readCatalogue, tenantTables, type Catalogue } from './support/catalogue';
import { EXCEPTIONS } from './support/exceptions';
import { faultsOf, WALLS, type WallName } from './support/walls';

const WALL_NAMES = Object.keys(WALLS) as WallName[];

/** A table as it should be, to be spoilt in one way. */
const SAMPLE = `
  SET LOCAL ROLE ${OWNER};
  CREATE SCHEMA samples;
  CREATE TABLE samples.things (tenant_id uuid NOT NULL, id uuid NOT NULL, note text, PRIMARY KEY (tenant_id,
    id));
  ALTER TABLE samples.things ENABLE ROW LEVEL SECURITY;
  ALTER TABLE samples.things FORCE ROW LEVEL SECURITY;
  CREATE POLICY tenant ON samples.things TO ${APP}
    USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid) WITH
      CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
  GRANT SELECT, INSERT, UPDATE ON samples.things TO ${APP};
  GRANT SELECT (tenant_id, id) ON samples.things TO ${SYSTEM};
  RESET ROLE;`;

/** For each wall the ways to break it. */
const BREACHES: Record<WallName, readonly string[]> = {
  'every table belongs to tenants': [
    'CREATE TABLE samples.loose (id uuid PRIMARY KEY)',
    `CREATE TABLE samples.loose (id uuid PRIMARY KEY); GRANT SELECT (id) ON samples.loose TO ${APP}`,
  ],
  'row-level security is on, for the owner too': [
    'ALTER TABLE samples.things DISABLE ROW LEVEL SECURITY',
    'ALTER TABLE samples.things NO FORCE ROW LEVEL SECURITY',
  ],
  'a tenant is always there': [
    'CREATE TABLE samples.loose (tenant_id uuid)',
    'CREATE TABLE samples.loose (tenant_id text NOT NULL)',
  ],
  'the application reads and writes the rows of its tenant': [
    'DROP POLICY tenant ON samples.things',
    'ALTER POLICY tenant ON samples.things USING (true)',
    'ALTER POLICY tenant ON samples.things WITH CHECK (true)',
    `ALTER POLICY tenant ON samples.things USING (tenant_id = current_setting('app.tenant_id')::uuid)`,
    `CREATE POLICY second ON samples.things TO ${APP} USING (note = 'shared')`,
    'CREATE POLICY everybody ON samples.things FOR SELECT USING (true)',
  ],
  'nobody else has a way in': [
    `CREATE POLICY routes ON samples.things TO ${SYSTEM} USING (true)`,
    'CREATE POLICY reports ON samples.things FOR SELECT TO pg_monitor USING (true)',
  ],
  'keys begin with the tenant': [
    'ALTER TABLE samples.things DROP CONSTRAINT things_pkey',
    'CREATE UNIQUE INDEX things_note ON samples.things (note)',
    'CREATE UNIQUE INDEX things_note ON samples.things (lower(note))',
  ],
  'references carry the tenant and stay in their schema': [
    'CREATE UNIQUE INDEX things_id ON samples.things (id); CREATE TABLE samples.parts (tenant_id uuid NOT NULL, thing uuid REFERENCES samples.things (id))',
    'CREATE SCHEMA others; CREATE TABLE others.parts (tenant_id uuid NOT NULL, thing uuid, FOREIGN KEY (tenant_id, thing) REFERENCES samples.things (tenant_id, id))',
  ],
  'views ask with the rights of whoever looks': ['CREATE VIEW samples.seen AS SELECT * FROM samples.things'],
  'the owner owns everything': [
    `ALTER TABLE samples.things OWNER TO ${APP}`,
    `CREATE SEQUENCE samples.counter`,
    `CREATE SCHEMA others AUTHORIZATION ${SYSTEM}`,
  ],
  'no login is mighty': [
    `ALTER ROLE ${APP} BYPASSRLS`,
    `ALTER ROLE ${SYSTEM} SUPERUSER`,
    `GRANT ${OWNER} TO ${APP}`,
    `GRANT pg_read_server_files TO ${APP}`,
    `GRANT CREATE ON SCHEMA samples TO ${APP}`,
    'GRANT CREATE ON SCHEMA public TO PUBLIC',
    `ALTER TABLE samples.things OWNER TO ${SYSTEM}`,
  ],
  'no login empties a table or hangs something on it': [
    `GRANT TRUNCATE ON samples.things TO ${APP}`,
    `GRANT TRIGGER ON samples.things TO ${SYSTEM}`,
  ],
  'facts stay as they were written': [
    `REVOKE UPDATE ON samples.things FROM ${APP}`,
    'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON samples.things FOR EACH ROW EXECUTE FUNCTION platform.refuse_change()',
  ],
  'the system sees routes only': [
    `ALTER TABLE samples.things ADD amount_minor bigint; GRANT SELECT ON samples.things TO ${SYSTEM}`,
    `GRANT UPDATE ON samples.things TO ${SYSTEM}`,
  ],
  'functions of the owner answer who, and nothing else': [
    'CREATE FUNCTION samples.find() RETURNS TABLE (tenant_id uuid, id uuid) LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$ SELECT tenant_id, id FROM samples.things $$',
    'CREATE FUNCTION samples.find() RETURNS TABLE (tenant_id uuid, id uuid) LANGUAGE sql SECURITY DEFINER AS $$ SELECT tenant_id, id FROM samples.things $$; REVOKE ALL ON FUNCTION samples.find() FROM PUBLIC',
    'CREATE FUNCTION samples.find() RETURNS TABLE (note text) LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$ SELECT note FROM samples.things $$; REVOKE ALL ON FUNCTION samples.find() FROM PUBLIC',
    'CREATE FUNCTION samples.total() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$ SELECT count(*) FROM samples.things $$; REVOKE ALL ON FUNCTION samples.total() FROM PUBLIC',
  ],
};

describe('the walls between tenants, in the catalogue of the migrated database', () => {
  let urls: TestDatabase['urls'];
  let admin: Client;
  let catalogue: Catalogue;

  beforeAll(async () => {
    urls = await cloneDatabase();
    admin = new Client({ connectionString: urls.admin });
    await admin.connect();
    catalogue = await readCatalogue(admin);
  });
  afterAll(async () => {
    await admin.end();
    await dropDatabase(urls);
  });

  const after = async (...statements: string[]): Promise<Catalogue> => {
    await admin.query('BEGIN');
    try {
      for (const statement of statements) await admin.query(statement);
      return await readCatalogue(admin);
    } finally {
      await admin.query('ROLLBACK');
    }
  };

  it('are looked for in every table', () => {
    expect(tenantTables(catalogue).map((table) => table.name)).toEqual(
      expect.arrayContaining(['transfers.transfers', 'transfers.attempts']),
    );
  });

  it.each(WALL_NAMES)('%s', (name) => {
    expect(faultsOf(name, catalogue, EXCEPTIONS[name] ?? {})).toEqual([]);
  });

  it.each(WALL_NAMES.flatMap((name) => BREACHES[name].map((breach) => [name, breach] as const)))(
    '"%s" is seen broken by %s',
    async (name, breach) => {
      const sound = WALLS[name](await after(SAMPLE));
      const broken = WALLS[name](await after(SAMPLE, breach));
      expect(broken.filter((fault) => !sound.includes(fault))).not.toEqual([]);
    },
  );

  it('do not let the application into a table without tenants, even when that table is excepted', async () => {
    const shared = await after(
      SAMPLE,
      `CREATE TABLE samples.loose (id uuid PRIMARY KEY); GRANT SELECT (id) ON samples.loose TO ${APP}`,
    );
    const faults = faultsOf('every table belongs to tenants', shared, {
      ...EXCEPTIONS['every table belongs to tenants'],
      'samples.loose': 'a sample',
    });
    expect(faults).toEqual(['samples.loose (application): all tenants meet in it']);
  });

  it('let the sample that is broken above stand while it is whole', async () => {
    const whole = await after(SAMPLE);
    expect(
      WALL_NAMES.flatMap((name) => WALLS[name](whole)).filter((fault) => fault.startsWith('samples')),
    ).toEqual([]);
  });
});
