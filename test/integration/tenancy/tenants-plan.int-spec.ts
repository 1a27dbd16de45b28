import { Client } from 'pg';
import {
  pageOfTenants,
  type TenantFilters,
} from '../../../src/modules/tenancy/application/list-tenants.query';
import { sql } from '../../../src/platform/database';
import { testDatabase, type TestDatabase } from '../../support/database';

const TENANTS = 20_000;
const PAGE = 50;
const SEED = `
  INSERT INTO tenancy.tenants (id, name, slug, status, created_at)
  SELECT gen_random_uuid(), CASE WHEN n % 5000 = 7 THEN 'Ärme_' ELSE 'Acme ' END || n, 'tenant-' || n, CASE
    WHEN n % 4000 = 9 THEN 'suspended' ELSE 'active' END, now() - make_interval(secs => n)
    FROM generate_series(1, $1::int) n`;

interface Node {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: Node[];
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** How tenants are found among many, by the login that lists them. */
describe('pages of tenants', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await testDatabase();
    const admin = new Client({ connectionString: db.urls.admin });
    await admin.connect();
    await admin.query(SEED, [TENANTS]);
    await admin.query('VACUUM ANALYZE tenancy.tenants');
    await admin.end();
  });
  afterAll(() => db.close());

  async function page(filters: TenantFilters) {
    const { text, values } = pageOfTenants(filters, { take: PAGE + 1, position: null, backwards: false });
    const explain = { text: `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`, values };
    const {
      'QUERY PLAN': [{ Plan: plan }],
    } = await db.uow.runAcrossTenants((tx) => sql(tx).one<{ 'QUERY PLAN': [{ Plan: Node }] }>(explain));
    const nodes = nodesOf(plan);
    return {
      found: plan['Actual Rows'],
      by: nodes.map((node) => node['Index Name']).filter((name) => name !== undefined),
      read: Math.max(...nodes.map((node) => node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0))),
    };
  }

  it.each<[string, TenantFilters, number, string]>([
    ['by a name that few have', { name: 'ärmE_' }, 4, 'tenants_by_name'],
    ['by a name that no tenant has', { name: 'unknown' }, 0, 'tenants_by_name'],
    ['by the whole of a name', { name: 'acme 19999' }, 1, 'tenants_by_name'],
    ['by a slug', { slug: 'tenant-4711' }, 1, 'tenants_by_slug'],
    ['by a name that nearly all have', { name: 'acme' }, PAGE + 1, 'tenants_by_age'],
    ['all', {}, PAGE + 1, 'tenants_by_age'],
  ])('are read %s without reading the others', async (_how, filters, found, index) => {
    const seen = await page(filters);
    expect([seen.found, seen.by]).toEqual([found, [index]]);
    expect(seen.read).toBeLessThanOrEqual(PAGE + 5);
  });
});
