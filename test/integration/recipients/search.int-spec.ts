import { Client } from 'pg';
import { newId } from '../../../src/kernel/ids';
import type { Tx } from '../../../src/kernel/tx';
import { listRecipients } from '../../../src/modules/recipients/infrastructure/persistence/sql/find-recipients.sql';
import { sql } from '../../../src/platform/database';
import { type Caller, RailWorld } from '../connections/support/rail-world';

interface Shown {
  readonly name: string;
}
interface List {
  readonly results: Shown[];
  readonly next: string | null;
  readonly previous: string | null;
}

describe('searching recipients', () => {
  let world: RailWorld;
  let tenant: Caller;
  let other: Caller;
  const MANY = 20_000;

  beforeAll(async () => {
    world = await RailWorld.start();
    [tenant, other] = [await world.caller(), await world.caller()];
    for (const caller of [tenant, other]) await seed(caller);
    for (const [n, name] of [
      'Zoë Quartz',
      'QUARTZ 100% Ltd',
      'Quartz_ite',
      'Quartzite',
      'back\\slash',
    ].entries())
      await add(tenant, name, `own-${n}`);
    await add(other, 'Quartz of the other tenant', 'own-9');
  });
  afterAll(() => world.close());

  /** One in a hundred is called Miller; created one minute after the other, an age ago. */
  async function seed(of: Caller): Promise<void> {
    const ids = Array.from({ length: MANY }, () => newId());
    await world.rows(
      of.tenant,
      `INSERT INTO recipients.recipients (tenant_id, id, type, name, account_number, account_tail, bank_code,
        country, external_id, is_active, metadata, created_at, updated_at)
       SELECT $1, id, 'INDIVIDUAL', CASE WHEN n % 100 = 0 THEN 'Miller ' || n
         ELSE 'Person ' || n END, 'sealed', '', 'BANK' || n % 500, CASE WHEN n % 3 = 0 THEN 'DE'
         ELSE 'US' END, 'r' || n, true, '{}',
              timestamptz '2020-01-01' + n * interval '1 minute', now()
                FROM unnest($2::uuid[]) WITH ORDINALITY AS i (id, n)`,
      [of.tenant, ids],
    );
  }
  const add = (by: Caller, name: string, external_id: string) =>
    world.send(by, {
      method: 'POST',
      url: '/api/v1/recipients',
      payload: { type: 'BUSINESS', name, country: 'US', external_id },
    });
  const get = async (url: string, by = tenant) => (await world.send(by, { url })).json<List>();
  const find = (query: Record<string, string>, by = tenant) =>
    get(`/api/v1/recipients?${new URLSearchParams(query).toString()}`, by);
  const names = ({ results }: List) => results.map(({ name }) => name);

  it('matches a part of the name or of the external id, in any case, newest first', async () => {
    expect(names(await find({ search: 'quartz' }))).toEqual([
      'Quartzite',
      'Quartz_ite',
      'QUARTZ 100% Ltd',
      'Zoë Quartz',
    ]);
    expect(names(await find({ search: 'WN-3' }))).toEqual(['Quartzite']);
    expect(names(await find({ search: 'Zoe\u0308' }))).toEqual(['Zoë Quartz']);
    expect(names(await find({ search: 'no such name' }))).toEqual([]);
  });

  it('matches wildcard characters literally', async () => {
    expect(names(await find({ search: '0%' }))).toEqual(['QUARTZ 100% Ltd']);
    expect(names(await find({ search: 'z_i' }))).toEqual(['Quartz_ite']);
    expect(names(await find({ search: 'k\\s' }))).toEqual(['back\\slash']);
    expect(names(await find({ search: '%%' }))).toEqual([]);
    expect(names(await find({ search: `' OR ''='` }))).toEqual([]);
  });

  it('pages through thousands of hits in the same order, forwards and backwards, with every filter', async () => {
    const all: string[] = [];
    const query = {
      search: 'miller',
      country: 'de',
      type: 'individual',
      is_active: 'true',
      'created_at[lt]': '2020-01-10T00:00:00Z',
      limit: '25',
    };
    const first = await find(query);
    const second = await get(first.next as string);
    for (let page: List | null = first; page; page = page.next ? await get(page.next) : null)
      all.push(...names(page));
    const expected = Array.from({ length: MANY / 100 }, (_, i) => (i + 1) * 100)
      .filter((n) => n % 3 === 0 && n < 9 * 24 * 60)
      .reverse();
    expect(all).toEqual(expected.map((n) => `Miller ${n}`));
    expect(names(await get(second.previous as string))).toEqual(names(first));
  });

  it('filters by name, bank code and time of registration', async () => {
    expect(names(await find({ name: 'Person 7' }))).toEqual(['Person 7']);
    expect(names(await find({ name: 'person 7' }))).toEqual([]);
    expect(names(await find({ bank_code: 'bank-7', limit: '2' }))).toEqual([
      `Person ${MANY - 500 + 7}`,
      `Person ${MANY - 1000 + 7}`,
    ]);
    const minute = (n: number) => new Date(Date.UTC(2020, 0, 1) + n * 60_000).toISOString();
    const between = (from: string, a: number, until: string, b: number) =>
      find({ [`created_at[${from}]`]: minute(a), [`created_at[${until}]`]: minute(b) });
    expect(names(await between('gte', 1, 'lte', 3))).toEqual(['Person 3', 'Person 2', 'Person 1']);
    expect(names(await between('gt', 1, 'lt', 3))).toEqual(['Person 2']);
    expect(
      names(await find({ search: 'person', 'created_at[gt]': minute(1), 'created_at[lte]': minute(3) })),
    ).toEqual(['Person 3', 'Person 2']);
    for (const wrong of [
      'search=a',
      `search=${'a'.repeat(101)}`,
      'search=',
      'name=',
      'bank_code=',
      'created_at[gte]=yesterday',
      'created_at[gte]=2020-02-30T00:00:00Z',
      'created_at[eq]=2020-02-03T00:00:00Z',
      'search[]=ab',
    ]) {
      expect([wrong, (await world.send(tenant, { url: `/api/v1/recipients?${wrong}` })).statusCode]).toEqual([
        wrong,
        422,
      ]);
    }
  });

  it.each(['', '000', '5', '0004', '000001', '999999'])(
    'takes bounds of time to the last digit, also in a search: .124%s',
    async (finer) => {
      const moment = (ms: number, digits = '') => `2019-05-05T05:05:05.${ms}${digits}Z`;
      // Times are stored in microseconds, and shown and filtered in milliseconds.
      const stored: [string, string][] = [
        [newId(), moment(123, '999')],
        [newId(), moment(124, '456')],
        [newId(), moment(125)],
      ];
      const who = await world.caller();
      for (const [id, at] of stored) {
        await world.rows(
          who.tenant,
          `INSERT INTO recipients.recipients (tenant_id, id, type, name, country, is_active, metadata,
            created_at, updated_at) VALUES ($1, $2, 'INDIVIDUAL', $3, 'US', true, '{}', $4::timestamptz,
            now())`,
          [who.tenant, id, `Timed ${at.slice(20, 23)}`, at],
        );
      }
      const isFiner = Number(finer) > 0;
      const expected = {
        gt: ['Timed 125'],
        gte: isFiner ? ['Timed 125'] : ['Timed 125', 'Timed 124'],
        lt: isFiner ? ['Timed 124', 'Timed 123'] : ['Timed 123'],
        lte: ['Timed 124', 'Timed 123'],
      };
      const bound = moment(124, finer);
      for (const text of [bound, bound.toLowerCase(), bound.replace('Z', '+00:00')]) {
        for (const [comparison, found] of Object.entries(expected)) {
          const query = { [`created_at[${comparison}]`]: text };
          expect([
            text,
            comparison,
            names(await find(query, who)),
            names(await find({ ...query, search: 'timed' }, who)),
          ]).toEqual([text, comparison, found, found]);
        }
      }
      const both = {
        'created_at[gt]': moment(123),
        'created_at[gte]': moment(123),
        'created_at[lt]': moment(125),
        'created_at[lte]': moment(125),
      };
      expect(names(await find(both, who))).toEqual(['Timed 124']);
      expect(
        names(
          await find(
            {
              search: 'timed',
              'created_at[lte]': '9999-12-31T23:59:59.999999999-15:59',
              'created_at[gte]': '1900-01-01T00:00:00+15:59',
            },
            who,
          ),
        ),
      ).toHaveLength(3);
    },
  );

  it('finds nothing of another tenant', async () => {
    expect(names(await find({ search: 'quartz' }, other))).toEqual(['Quartz of the other tenant']);
    const ids = (of: Caller, pattern: string) =>
      world.rows<{ id: string }>(
        of.tenant,
        `SELECT recipients.search_recipients($1, '{}', NULL, false, 1000) AS id`,
        [pattern],
      );
    const [own, theirs] = [await ids(tenant, '%quartz%'), await ids(other, '%quartz%')];
    expect([own.length, theirs.length]).toEqual([4, 1]);
    expect(own).not.toContainEqual(theirs[0]);
    expect(await ids(tenant, '%')).toHaveLength(1_000);
    const system = world.db.uow.runForSystem((tx) =>
      sql(tx).rows({ text: `SELECT recipients.search_recipients('%', '{}', NULL, false, 1)`, values: [] }),
    );
    await expect(system).rejects.toThrow('permission denied');
  });

  it('reads results through an index, among many rows of two tenants', async () => {
    await analyze();
    const plan = async (filters: object) =>
      JSON.stringify(
        await world.rows(tenant.tenant, `EXPLAIN ${listRecipients(filters, WINDOW).text}`, [
          ...listRecipients(filters, WINDOW).values,
        ]),
      );
    expect(await plan({ name: 'Person 7' })).toContain('recipients_by_name');
    expect(await plan({ bankCode: 'BANK7' })).toContain('recipients_by_bank_code');
    expect(
      await plan({
        createdGte: new Date('2020-01-02T00:00:00Z'),
        createdLt: new Date('2020-01-02T00:10:00Z'),
      }),
    ).toContain('recipients_by_creation');
    expect(await plan({})).toContain('recipients_pkey');
    for (const filters of [{}, { country: 'US' }]) expect(await plan(filters)).not.toMatch(/Seq Scan|Sort/);
  });

  it.each([
    ['a rare text', '%quartz%', 4],
    ['a text without matches', '%qzx%', 0],
    ['one in a hundred', '%miller%', 21],
  ])('reads only recipients that match for %s', async (_case, pattern, found) => {
    await analyze();
    const read = await world.db.uow.run(tenant.tenant, async (tx) => {
      const before = await readSoFar(tx);
      const ids = await sql(tx).rows({
        text: `SELECT recipients.search_recipients($1, '{}', NULL, false, 21)`,
        values: [pattern],
      });
      const after = await readSoFar(tx);
      return { ids: ids.length, scans: after.scans - before.scans, fetched: after.fetched - before.fetched };
    });
    expect(read).toMatchObject({ ids: found, scans: 0 });
    expect(read.fetched).toBeLessThanOrEqual(MANY / 100);
  });

  async function readSoFar(tx: Tx): Promise<{ scans: number; fetched: number }> {
    const text = `SELECT seq_scan::int AS scans, idx_tup_fetch::int AS fetched FROM pg_stat_xact_user_tables
      WHERE schemaname = 'recipients' AND relname = 'recipients'`;
    return (
      (await sql(tx).rows<{ scans: number; fetched: number }>({ text, values: [] }))[0] ?? {
        scans: 0,
        fetched: 0,
      }
    );
  }
  const WINDOW = { limit: 20, take: 21, position: null, backwards: false };
  async function analyze(): Promise<void> {
    const admin = new Client({ connectionString: world.db.urls.admin });
    await admin.connect();
    await admin.query('VACUUM ANALYZE recipients.recipients').finally(() => admin.end());
  }
});
