import { hash } from 'node:crypto';
import { Client } from 'pg';
import { newId, tenantIdOf } from '../../../src/kernel/ids';
import {
  pageOfPayouts,
  type PayoutFilters,
} from '../../../src/modules/payouts/application/list-payouts.query';
import { sql } from '../../../src/platform/database';
import { testDatabase, type TestDatabase } from '../../support/database';

const OURS = 100_000;
const THEIRS = 20_000;
const PAGE = 50;
/** The seed has one payout per second, from here on. */
const FROM = Date.UTC(2025, 0, 1);
/** The recipient ids of the seed. */
const recipient = (nth: number): string =>
  hash('md5', `person${nth}`).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
const at = (nth: number): string => new Date(FROM + nth * 1_000).toISOString();

/**
 * Most payouts are in USD by Stripe. The others are few and the oldest: a scan from the newest on would read all
 * payouts before it found one.
 */
const SEED = `
  INSERT INTO payouts.payouts (tenant_id, id, recipient_id, amount_minor, currency, rail, state, reason,
    transfer_id, recipient_name, metadata, created_by, created_at, updated_at, finished_at)
  SELECT $1, id, md5('person' || n % 500)::uuid, 100 + n % 90000, CASE WHEN n < 2000 THEN 'EUR'
    ELSE 'USD' END, CASE WHEN n < 3000 THEN 'manual' ELSE 'stripe' END,
         CASE WHEN n < 1000 THEN 'FAILED' ELSE 'COMPLETED' END, CASE WHEN n < 1000
           THEN 'because' END, id, 'Payee', '{}', 'test', t, t, t
    FROM (SELECT n, to_timestamp($3::bigint / 1000 + n) AS t,
                 (lpad(to_hex($3::bigint + n * 1000), 12, '0') || '7' || substr(md5(n::text), 1,
                   3) || '8' || substr(md5(n::text), 4, 15))::uuid AS id
            FROM generate_series(0, $2::bigint - 1) n) p`;

interface Node {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: Node[];
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** Run with the application's own login, so that row-level security is part of each plan. */
describe('Query plans of the list of payouts', () => {
  let db: TestDatabase;
  const ours = tenantIdOf(newId());
  const theirs = newId();

  beforeAll(async () => {
    db = await testDatabase();
    const admin = new Client({ connectionString: db.urls.admin });
    await admin.connect();
    await admin.query(SEED, [ours, OURS, FROM]);
    await admin.query(SEED, [theirs, THEIRS, FROM]);
    await admin.query('VACUUM ANALYZE payouts.payouts');
    await admin.end();
  });
  afterAll(() => db.close());

  async function page(filters: Partial<PayoutFilters>, position: [string] | null = null) {
    const { text, values } = pageOfPayouts(
      ours,
      { amount: [], createdAt: [], ...filters },
      { take: PAGE + 1, position, backwards: false },
    );
    const explain = { text: `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ${text}`, values };
    const {
      'QUERY PLAN': [{ Plan: plan }],
    } = await db.uow.run(ours, (tx) => sql(tx).one<{ 'QUERY PLAN': [{ Plan: Node }] }>(explain), {
      readOnly: true,
    });
    const nodes = nodesOf(plan);
    const scans = nodes.filter(
      (node) => node['Node Type'].endsWith('Scan') && node['Node Type'] !== 'Bitmap Heap Scan',
    );
    return {
      found: plan['Actual Rows'],
      kinds: scans.map((node) => node['Node Type']),
      read:
        Math.max(...scans.map((node) => node['Actual Rows'] * node['Actual Loops'])) +
        nodes.reduce((sum, node) => sum + (node['Rows Removed by Filter'] ?? 0), 0),
      blocks: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
    };
  }

  const position = async (nth: number): Promise<[string]> => {
    const { id } = await db.uow.run(ours, (tx) =>
      sql(tx).one<{ id: string }>({
        text: 'SELECT id FROM payouts.payouts WHERE tenant_id = $1 ORDER BY id OFFSET $2 LIMIT 1',
        values: [ours, nth],
      }),
    );
    return [id];
  };

  it.each<[string, Partial<PayoutFilters>]>([
    ['all', {}],
    ['a status of most payouts', { status: 'COMPLETED' }],
    ['a status of a few old payouts', { status: 'FAILED' }],
    ['a status that nobody has', { status: 'NEW' }],
    ['a recipient', { recipientId: recipient(7) }],
    ['a currency that most have', { currency: 'USD' }],
    ['a currency of a few old payouts', { currency: 'EUR' }],
    ['a rail of most payouts', { rail: 'stripe' }],
    ['a rail of a few old payouts', { rail: 'manual' }],
    [
      'a narrow range of amounts',
      {
        currency: 'USD',
        amount: [
          ['gte', 10_000n],
          ['lte', 10_050n],
        ],
      },
    ],
    ['a wide range of amounts', { currency: 'USD', amount: [['gt', 5_000n]] }],
    ['amounts of no payout', { currency: 'USD', amount: [['gt', 100_000n]] }],
    [
      'a time long ago',
      {
        createdAt: [
          ['gte', at(5_000)],
          ['lt', at(5_040)],
        ],
      },
    ],
    [
      'a status at a time',
      {
        status: 'COMPLETED',
        createdAt: [
          ['gt', at(5_000)],
          ['lte', at(5_040)],
        ],
      },
    ],
    ['a rail at a time, after a cursor', { rail: 'stripe', createdAt: [['lte', at(50_000)]] }],
  ])('use an index for %s and read little more than the page', async (what, filters) => {
    const found = await page(filters, what.endsWith('cursor') ? await position(40_000) : null);
    expect(found.kinds).not.toContain('Seq Scan');
    expect(found.read).toBeLessThanOrEqual(8 * PAGE);
    expect(found.blocks).toBeLessThanOrEqual(12 * PAGE);
  });

  it('read as much for a deep page as for the first', async () => {
    const first = await page({});
    const deep = await page({}, await position(PAGE * 3));
    expect([first.found, deep.found]).toEqual([PAGE + 1, PAGE + 1]);
    expect(deep.read).toBe(first.read);
    expect(deep.blocks).toBeLessThanOrEqual(first.blocks + 4);
  });
});
