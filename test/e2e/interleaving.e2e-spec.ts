import { startApp, type TestApp, type TestTenant } from '../support';
import { identifiersOf, identifiersIn } from './support/tenant-identifiers';
import { Random } from './support/random';

const REQUESTS = 1_000;
const WIDTH = 16;
const SEED = Number(process.env['INTERLEAVING_SEED'] ?? Date.now() % 1_000_000);

interface Side {
  readonly tenant: TestTenant;
  readonly marker: string;
  readonly ids: Readonly<Record<'recipients' | 'settlements' | 'payout-jobs' | 'transfers', string[]>>;
  /** The cursor of the last page. */
  next: string | null;
}

interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** Both tenants use the same keys. */
  readonly key?: string;
}

interface Exchange extends ApiRequest {
  readonly side: Side;
  readonly status: number;
  readonly text: string;
}

const LISTS = [
  '/recipients',
  '/settlements',
  '/payout-jobs',
  '/transfers',
  '/transfers?status=completed',
  '/ledger/accounts',
  '/ledger/entries',
  '/connections/rail-accounts',
  '/connections/webhook-endpoints',
  '/operations/funding',
  '/operations/diagnostics/payouts?minutes=0',
  '/api-keys/self',
  '/tenant/settings',
  '/ledger/verify',
];

describe(`two tenants that send requests concurrently, over two connections (INTERLEAVING_SEED=${SEED})`, () => {
  let world: TestApp;
  let sides: [Side, Side];

  beforeAll(async () => {
    world = await startApp({ env: { DATABASE_POOL_MAX: '2', TRANSFER_SWEEP_EVERY_MS: '200' } });
    sides = [await side('amber'), await side('birch')];
  });
  afterAll(() => world.close());

  async function side(marker: string): Promise<Side> {
    const tenant = await world.tenant();
    await tenant.listen();
    const names = ['ann', 'bob', 'cyn'].map((name) => `${marker}-${name}`);
    const recipients = await tenant.recipients(names);
    const { id } = await tenant.settle(
      `${marker}-contest`,
      Object.fromEntries(names.map((name, i) => [name, 10 + i])),
    );
    const job = await tenant.paid(id);
    const transfers = (await tenant.transfersOf(id)).map((transfer) => transfer.id);
    return {
      tenant,
      marker,
      ids: { recipients: [...recipients.values()], settlements: [id], 'payout-jobs': [job.id], transfers },
      next: null,
    };
  }

  /** Reads, writes, invalid requests, and requests for data of the other. */
  function question(of: Side, other: Side, random: Random, nth: number): ApiRequest {
    const person = {
      type: 'INDIVIDUAL',
      name: `${of.marker}-${nth}`,
      country: 'US',
      external_id: `${of.marker}-${nth}`,
    };
    const contest = {
      contest_id: `final-${nth}`,
      currency: 'USD',
      pool: '3.00',
      platform_share: '0.00',
      awards: [{ external_id: `${of.marker}-ann`, amount: '3.00' }],
    };
    const resource = random.pick(Object.keys(of.ids) as (keyof Side['ids'])[]);
    const ways: Record<string, () => ApiRequest> = {
      list: () => ({ method: 'GET', path: random.pick(LISTS) }),
      page: () => ({ method: 'GET', path: of.next ?? `/${resource}?limit=1` }),
      one: () => ({ method: 'GET', path: `/${resource}/${random.pick(of.ids[resource])}` }),
      foreign: () => ({ method: 'GET', path: `/${resource}/${random.pick(other.ids[resource])}` }),
      register: () => ({ method: 'POST', path: '/recipients', body: person, key: `key-${nth}` }),
      record: () => ({ method: 'POST', path: '/settlements', body: contest, key: `settle-${nth}` }),
      preview: () => ({
        method: 'POST',
        path: '/settlements/preview',
        body: { ...contest, awards: [{ external_id: `${other.marker}-ann`, amount: '3.00' }] },
      }),
      expand: () => ({
        method: 'POST',
        path: '/operations/scheduler/run',
        body: { jobs: ['expand-settlements'] },
      }),
      refused: () => ({
        method: 'POST',
        path: `/transfers/${random.pick(of.ids.transfers)}/cancel`,
        body: { reason: 'too late' },
        key: `cancel-${nth}`,
      }),
    };
    const likelier = ['list', 'list', 'page', 'page', 'one', 'one'];
    return (ways[random.pick([...Object.keys(ways), ...likelier])] as () => ApiRequest)();
  }

  async function ask(of: Side, request: ApiRequest): Promise<Exchange> {
    const { status, text, body } = await of.tenant.call<{ next?: string | null }>(
      request.method,
      request.path,
      request.body,
      request.key ? { 'Idempotency-Key': request.key } : {},
    );
    if (request.path.includes('limit=1')) of.next = body.next ?? null;
    return { ...request, side: of, status, text };
  }

  async function interleave(): Promise<Exchange[]> {
    const random = new Random(SEED);
    const exchanges: Exchange[] = [];
    let nth = 0;
    const lane = async (): Promise<void> => {
      for (let mine = nth++; mine < REQUESTS; mine = nth++) {
        const [of, other] = mine % 2 ? sides : ([...sides].reverse() as [Side, Side]);
        // Pairs of one number: the same keys and contests at nearly the same moment.
        exchanges.push(await ask(of, question(of, other, random, mine >> 1)));
      }
    };
    await Promise.all(Array.from({ length: WIDTH }, lane));
    return exchanges;
  }

  it(`get nothing of the other in ${REQUESTS} responses`, async () => {
    const exchanges = await interleave();
    const owned = new Map<Side, Set<string>>();
    for (const one of sides) owned.set(one, await identifiersOf(world.urls.admin, one.tenant.id));
    const wordsOf = ({ side: of, text, path, body }: Exchange) => {
      const said = new Set(identifiersIn(`${path} ${JSON.stringify(body ?? '')}`));
      const [own, others] = [owned.get(of), owned.get(sides[of === sides[0] ? 1 : 0])];
      const words = identifiersIn(text);
      return {
        own: words.filter((word) => own?.has(word)),
        foreign: words.filter((word) => others?.has(word) && !own?.has(word) && !said.has(word)),
      };
    };
    const leaks = exchanges
      .filter((response) => wordsOf(response).foreign.length)
      .map(
        (response) =>
          `${response.method} ${response.path} ${response.status}: ${wordsOf(response).foreign.join(' ')}`,
      );
    expect(leaks).toEqual([]);
    expect(
      exchanges
        .filter(({ status }) => status >= 500)
        .map(({ method, path, status, text }) => `${method} ${path} ${status} ${text}`),
    ).toEqual([]);
    // Responses without data of the tenant itself would prove nothing.
    expect(exchanges.filter((response) => wordsOf(response).own.length).length).toBeGreaterThan(REQUESTS / 2);
    for (const status of [200, 201, 404, 409, 422])
      expect([status, exchanges.some((response) => response.status === status)]).toEqual([status, true]);
    for (const { tenant } of sides) await expect(tenant.verify()).resolves.toMatchObject({ balanced: true });
  }, 60_000);
});
