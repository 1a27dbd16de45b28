import { newId } from '../../../src/kernel/ids';
import { startApp, type TestApp, type TestTenant } from '../../support';
import { pay, type PayoutJson } from './support/payouts';

interface Listed {
  readonly results: PayoutJson[];
  readonly next: string | null;
  readonly previous: string | null;
}

type Query = Readonly<Record<string, string>>;

/** Only the API runs here. Every list comes from the database: each page is requested once per version. */
describe('The list of payouts', () => {
  let world: TestApp;
  let tenant: TestTenant;
  let other: TestTenant;
  /** Newest first. */
  let all: PayoutJson[];

  beforeAll(async () => {
    world = await startApp({ env: { ROLES: 'api' } });
    [tenant, other] = [await world.tenant(), await world.tenant()];
    all = await manyKinds(tenant);
  });
  afterAll(() => world.close());

  const page = (query: Query, of = tenant) =>
    of.get<Listed>(`/payouts?${new URLSearchParams(query).toString()}`);
  const listed = async (query: Query) => (await page({ limit: '100', ...query })).results;
  const refused = async (query: string, of = tenant) => {
    const { status, body } = await of.call<{ code: string; errors?: object }>('GET', `/payouts${query}`);
    return [status, body.code, ...Object.keys(body.errors ?? {})];
  };

  it('returns all payouts, newest first, as GET by id returns each', async () => {
    expect(await listed({})).toEqual(all);
    expect(new Set(all.map(({ status }) => status))).toEqual(
      new Set(['NEW', 'PROCESSING', 'FAILED', 'CANCELLED']),
    );
    expect((await page({}, other)).results).toEqual([]);
  });

  it('returns the matching payouts for every combination of filters', async () => {
    const middle = all[12] as PayoutJson;
    const [USD, time] = [minorIs('USD'), Date.parse(middle.created_at)];
    const choices: [Query, (payout: PayoutJson) => boolean][][] = [
      [
        [{ status: 'NEW' }, ({ status }) => status === 'NEW'],
        [{ status: 'cancelled' }, ({ status }) => status === 'CANCELLED'],
      ],
      [
        [
          { recipient_id: middle.recipient_id.toUpperCase() },
          ({ recipient_id }) => recipient_id === middle.recipient_id,
        ],
      ],
      [
        [{ currency: 'usd' }, ({ currency }) => currency === 'USD'],
        [
          { currency: 'USD', 'amount[gt]': '2', 'amount[lte]': '4.00' },
          (p) => USD(p) > 2_00 && USD(p) <= 4_00,
        ],
        [
          { currency: 'USD', 'amount[gte]': '2.00', 'amount[lt]': '4' },
          (p) => USD(p) >= 2_00 && USD(p) < 4_00,
        ],
      ],
      [[{ rail: 'MANUAL' }, ({ rail }) => rail === 'manual']],
      [
        [{ 'created_at[gt]': middle.created_at }, (p) => Date.parse(p.created_at) > time],
        [{ 'created_at[lte]': middle.created_at }, (p) => Date.parse(p.created_at) <= time],
        [
          { 'created_at[gte]': middle.created_at, 'created_at[lt]': all[3]?.created_at as string },
          (p) => Date.parse(p.created_at) >= time && p.created_at < (all[3]?.created_at as string),
        ],
      ],
    ];
    for (const combination of combinations(choices)) {
      const query = Object.assign({}, ...combination.map(([part]) => part)) as Query;
      const expected = all.filter((payout) => combination.every(([, holds]) => holds(payout)));
      expect([query, (await listed(query)).map(({ id }) => id)]).toEqual([
        query,
        expected.map(({ id }) => id),
      ]);
    }
  }, 60_000);

  it.each(['', '000', '5', '0004', '000001', '999999'])(
    'compares times to the last digit: .SSS%s',
    async (finer) => {
      const { created_at } = all[12] as PayoutJson;
      const [bound, isFiner] = [created_at.replace('Z', `${finer}Z`), Number(finer) > 0];
      const beyond = (holds: (payout: PayoutJson) => boolean) => all.filter(holds).map(({ id }) => id);
      const ids = async (comparison: string, text: string) =>
        (await listed({ [`created_at[${comparison}]`]: text })).map(({ id }) => id);
      for (const text of [bound, bound.toLowerCase(), bound.replace('Z', '+00:00')]) {
        expect(await ids('gt', text)).toEqual(beyond((p) => p.created_at > created_at));
        expect(await ids('gte', text)).toEqual(
          beyond((p) => (isFiner ? p.created_at > created_at : p.created_at >= created_at)),
        );
        expect(await ids('lt', text)).toEqual(
          beyond((p) => (isFiner ? p.created_at <= created_at : p.created_at < created_at)),
        );
        expect(await ids('lte', text)).toEqual(beyond((p) => p.created_at <= created_at));
      }
    },
  );

  it('accepts times of every documented offset and year', async () => {
    for (const time of [
      '1900-01-01T00:00:00Z',
      '1969-12-31T23:59:59.999Z',
      '2025-01-01T00:00:00+15:59',
      '2025-01-01T00:00:00-15:59',
    ]) {
      expect(await listed({ 'created_at[gt]': time })).toEqual(all);
      expect(await listed({ 'created_at[lte]': time })).toEqual([]);
    }
    expect(await listed({ 'created_at[lte]': '9999-12-31T23:59:59.999999999-15:59' })).toEqual(all);
    expect(await refused('?created_at[gt]=2025-01-01T00:00:00%2B23:59')).toEqual([
      422,
      'validation_failed',
      'created_at[gt]',
    ]);
  });

  it.each([
    ['?status=PAID', 'status'],
    ['?status=', 'status'],
    ['?recipient_id=ann', 'recipient_id'],
    ['?currency=US', 'currency'],
    ['?rail=pigeon', 'rail'],
    ['?created_at[gte]=yesterday', 'created_at[gte]'],
    ['?created_at[gte]=2025-02-29T00:00:00Z', 'created_at[gte]'],
    ['?created_at[gte]=2025-02-28', 'created_at[gte]'],
    ['?created_at[eq]=2025-02-28T00:00:00Z', 'created_at[eq]'],
    ['?created_at=2025-02-28T00:00:00Z', 'created_at'],
    ['?created_at[gte][lt]=1', 'created_at[gte][lt]'],
    ['?amount[gte]=1.00', 'amount[gte]'],
    ['?amount=1.00&currency=USD', 'amount'],
    ['?amount[ne]=1.00&currency=USD', 'amount[ne]'],
    ['?amount[gt]=-1&currency=USD', 'amount[gt]'],
    ['?amount[gt]=1e3&currency=USD', 'amount[gt]'],
    ['?statuz=NEW', 'statuz'],
    ['?sort=amount', 'sort'],
    ['?tenant_id=0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10', 'tenant_id'],
    ['?state=NEW', 'state'],
    ['?__proto__=1', '__proto__'],
    ['?status=NEW%00', 'status'],
    ['?%00=1', '\u0000'],
    ['?currency=US%00', 'currency'],
    ['?recipient_id=%00', 'recipient_id'],
    ['?cursor=%00', 'cursor'],
    ['?limit=0', 'limit'],
    ['?limit=101', 'limit'],
    ['?limit=-1', 'limit'],
    ['?limit=1.5', 'limit'],
    ['?limit=ten', 'limit'],
    ['?limit=', 'limit'],
  ])('rejects %s and names the parameter', async (query, field) => {
    expect(await refused(query)).toEqual([422, 'validation_failed', field]);
  });

  it('rejects amounts with too many decimals, unknown currencies and repeated parameters', async () => {
    expect(await refused('?amount[gt]=1.001&currency=USD')).toEqual([422, 'invalid_amount']);
    expect(await refused('?amount[gt]=1.5&currency=JPY')).toEqual([422, 'invalid_amount']);
    expect(await refused('?amount[gt]=1&currency=XXX')).toEqual([422, 'invalid_currency']);
    expect(await refused('?status=NEW&status=FAILED')).toEqual([400, 'repeated_parameter']);
    expect(await refused('?status=%ff')).toEqual([400, 'invalid_query']);
  });

  it('can be paged to the end and back while payouts are inserted', async () => {
    const payer = await world.tenant();
    const ann = (await payer.recipients(['ann'])).get('ann') as string;
    const made = async (count: number) =>
      (
        await payer.post<{ results: { payout: PayoutJson }[] }>('/payouts/batch', {
          payouts: Array.from({ length: count }, () => ({
            recipient_id: ann,
            amount: '1.00',
            currency: 'USD',
          })),
        })
      ).results
        .map(({ payout }) => payout.id)
        .reverse();
    const first = await made(23);
    const [down, up]: string[][] = [[], []];
    let at: Listed = await page({ limit: '5', status: 'new' }, payer);
    expect(at.previous).toBeNull();
    for (; ; at = await payer.get<Listed>(at.next)) {
      down?.push(...at.results.map(({ id }) => id));
      await made(1);
      if (!at.next) break;
    }
    expect(down).toEqual(first);
    for (let link = at.previous; link; link = at.previous) {
      at = await payer.get<Listed>(link);
      up?.unshift(...at.results.map(({ id }) => id));
      await payer.must('DELETE', `/payouts/${down?.at(-1)}`).catch(() => undefined);
    }
    // On the way back, the payouts that were inserted meanwhile are found at the top.
    expect(up).toEqual(
      [...(await page({ limit: '100', status: 'new' }, payer)).results.map(({ id }) => id)].filter(
        (id) => !down?.slice(20).includes(id),
      ),
    );
  });

  it('accepts limits from 1 to 100; the default is 20', async () => {
    expect((await page({ limit: '1' })).results).toEqual(all.slice(0, 1));
    expect((await page({ limit: '100' })).next).toBeNull();
    expect((await page({})).results).toEqual(all.slice(0, 20));
  });

  it('rejects a cursor that is damaged or belongs to another tenant, list, filter or payout', async () => {
    const { next } = await page({ limit: '2', status: 'NEW' });
    const cursor = new URL(next as string, world.url).searchParams.get('cursor') as string;
    const failed = all.find(({ status }) => status === 'FAILED') as PayoutJson;
    const { next: further } = await tenant.get<Listed>(`/payouts/${failed.id}/events?limit=1`);
    const ofEvents = new URL(further as string, world.url).searchParams.get('cursor');
    const neighbour = all.find(({ id }) => id !== failed.id) as PayoutJson;
    const wrong = [
      [tenant, `/payouts?status=NEW&cursor=${cursor.slice(0, -1)}`],
      [tenant, `/payouts?status=NEW&cursor=${cursor}A`],
      [tenant, '/payouts?cursor=x'],
      [tenant, '/payouts?cursor='],
      [tenant, `/payouts?cursor=${cursor}`],
      [tenant, `/payouts?status=FAILED&cursor=${cursor}`],
      [tenant, `/payouts?status=NEW&rail=stripe&cursor=${cursor}`],
      [other, `/payouts?status=NEW&cursor=${cursor}`],
      [tenant, `/payouts/${failed.id}/events?cursor=${cursor}`],
      [tenant, `/payouts/${neighbour.id}/events?cursor=${ofEvents}`],
      [tenant, `/transfers?cursor=${cursor}`],
    ] as const;
    for (const [by, path] of wrong) {
      const { status, body } = await by.call<{ code: string }>('GET', path);
      expect([path, status, body.code]).toEqual([path, 400, 'invalid_cursor']);
    }
  });

  it('pages through the events of a payout in both directions', async () => {
    const { id } = all.find(({ status }) => status === 'FAILED') as PayoutJson;
    const whole = await tenant.get<Listed>(`/payouts/${id}/events`);
    expect(whole).toMatchObject({
      results: [
        { type: 'status_changed', to: 'FAILED' },
        { type: 'created', from: null, to: 'NEW' },
      ],
      next: null,
      previous: null,
    });
    const first = await tenant.get<Listed>(`/payouts/${id}/events?limit=1`);
    const second = await tenant.get<Listed>(first.next as string);
    expect([first.results, second.results, second.next]).toEqual([
      whole.results.slice(0, 1),
      whole.results.slice(1),
      null,
    ]);
    expect((await tenant.get<Listed>(second.previous as string)).results).toEqual(first.results);
    for (const query of ['?limit=0', '?limit=101', '?type=created', '?status=NEW'])
      expect((await tenant.call('GET', `/payouts/${id}/events${query}`)).status).toBe(422);
  });

  it('returns the same response for a payout of another tenant as for an unknown id, on every route', async () => {
    const { id, recipient_id } = all.find(({ status }) => status === 'NEW') as PayoutJson;
    const routes = [
      ['GET', ''],
      ['GET', '/events'],
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/cancel'],
    ] as const;
    for (const [method, path] of routes) {
      const requestPayout = async (payout: string) => {
        const { status, text } = await other.call(
          method,
          `/payouts/${payout}${path}`,
          method === 'PATCH' ? { status: 'FAILED' } : method === 'POST' ? {} : undefined,
          { 'X-Request-Id': 'one-and-the-same', 'Idempotency-Key': `key-${method}-never-kept` },
        );
        return [status, text.replaceAll(payout, '<id>')];
      };
      const [theirs, unknown] = [await requestPayout(id), await requestPayout(newId())];
      expect([method, path, ...theirs]).toEqual([
        method,
        path,
        404,
        expect.stringContaining('payout_not_found'),
      ]);
      expect(theirs).toEqual(unknown);
    }
    expect((await page({ recipient_id }, other)).results).toEqual([]);
    expect(await tenant.get(`/payouts/${id}`)).toEqual(all.find((payout) => payout.id === id));
  });
});

/** Payouts of all kinds: recipients, currencies, rails, amounts, statuses; some of the same millisecond. */
async function manyKinds(tenant: TestTenant): Promise<PayoutJson[]> {
  await tenant.must('PUT', '/tenant/settings', {
    allowed_currencies: ['USD', 'EUR', 'JPY'],
    max_attempts: 3,
  });
  const people = [...(await tenant.recipients(['ann', 'bob'])).values()] as [string, string];
  const made: PayoutJson[] = [];
  for (let n = 0; n < 18; n++) {
    const more = { currency: ['USD', 'USD', 'EUR', 'JPY'][n % 4], rail: n % 3 ? 'manual' : 'stripe' };
    made.push(await pay(tenant, people[n % 2] as string, String((n % 6) + 1), more));
  }
  const orders = Array.from({ length: 6 }, (_, n) => ({
    recipient_id: people[n % 2],
    amount: `${n + 1}.00`,
    currency: 'USD',
    rail: 'manual',
  }));
  const { results } = await tenant.post<{ results: { payout: PayoutJson }[] }>('/payouts/batch', {
    payouts: orders,
  });
  made.push(...results.map(({ payout }) => payout));
  for (const [n, { id, rail }] of made.entries()) {
    if (n % 5 === 1) await tenant.must('DELETE', `/payouts/${id}`);
    if (n % 5 === 2) await tenant.must('PATCH', `/payouts/${id}`, { status: 'FAILED' });
    if (n % 5 === 3 && rail === 'manual')
      await tenant.must('PATCH', `/payouts/${id}`, { status: 'PROCESSING' });
  }
  const now = await Promise.all(made.map(({ id }) => tenant.get<PayoutJson>(`/payouts/${id}`)));
  return now.reverse();
}

function minorIs(currency: string): (payout: PayoutJson) => number {
  return (payout) => (payout.currency === currency ? Math.round(Number(payout.amount) * 100) : Number.NaN);
}

/** All combinations of at most one option from each list. */
function combinations<T>(choices: readonly (readonly T[])[]): T[][] {
  return choices.reduce<T[][]>(
    (made, options) => made.flatMap((one) => [one, ...options.map((option) => [...one, option])]),
    [[]],
  );
}
