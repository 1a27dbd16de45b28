import { Connections } from '../../../src/modules/connections';
import { type Caller, RailWorld } from './support/rail-world';

interface List {
  readonly results: { id: string; rail?: string }[];
  readonly next: string | null;
  readonly previous: string | null;
}

const ENDPOINTS = '/api/v1/connections/webhook-endpoints';
const ACCOUNTS = '/api/v1/connections/rail-accounts';

describe('lists of connections', () => {
  let world: RailWorld;
  let tenant: Caller;
  const endpoints: string[] = [];

  beforeAll(async () => {
    world = await RailWorld.start();
    tenant = await world.connected();
    for (let n = 0; n < 25; n++) {
      const payload = { family: n % 2 ? 'connect' : 'account', secret: `whsec_of_endpoint_${n}` };
      endpoints.unshift(
        (await world.send(tenant, { method: 'POST', url: ENDPOINTS, payload })).json<{ id: string }>().id,
      );
    }
    await world.db.uow.run(tenant.tenant, (tx) =>
      world.app.get(Connections, { strict: false }).railAccountFor(tx, 'manual'),
    );
  });
  afterAll(() => world.close());

  const get = async (url: string, by = tenant) => (await world.send(by, { url })).json<List>();
  const ids = ({ results }: List) => results.map(({ id }) => id);

  it('answer the first page to those who ask for none, newest first', async () => {
    const first = await get(ENDPOINTS);
    expect([ids(first), first.previous]).toEqual([endpoints.slice(0, 20), null]);
    const second = await get(first.next as string);
    expect([ids(second), second.next]).toEqual([endpoints.slice(20), null]);
    expect(await get(second.previous as string)).toMatchObject({ results: first.results, next: first.next });
  });

  it('show every endpoint once, page by page, also when one is opened meanwhile', async () => {
    const seen: string[] = [];
    let opened = false;
    for (
      let page: List | null = await get(`${ENDPOINTS}?limit=10`);
      page;
      page = page.next ? await get(page.next) : null
    ) {
      seen.push(...ids(page));
      if (!opened)
        endpoints.unshift(
          (
            await world.send(tenant, {
              method: 'POST',
              url: ENDPOINTS,
              payload: { family: 'account', secret: 'whsec_of_a_late_one' },
            })
          ).json<{ id: string }>().id,
        );
      opened = true;
    }
    expect(seen).toEqual(endpoints.slice(1));
  });

  it('page through the accounts of both rails', async () => {
    const first = await get(`${ACCOUNTS}?limit=1`);
    const second = await get(first.next as string);
    expect([first, second].map(({ results }) => results.map(({ rail }) => rail))).toEqual([
      ['manual'],
      ['stripe'],
    ]);
    expect([second.next, ids(await get(second.previous as string))]).toEqual([null, ids(first)]);
  });

  it('know no other parameter, and no cursor of another list or tenant', async () => {
    const other = await world.connected();
    const { next } = await get(`${ENDPOINTS}?limit=1`);
    const foreign: [Caller, string][] = [
      [other, next as string],
      [tenant, (next as string).replace(ENDPOINTS, ACCOUNTS)],
    ];
    for (const [by, url] of foreign)
      expect((await world.send(by, { url })).json()).toMatchObject({ status: 400, code: 'invalid_cursor' });
    for (const url of [ENDPOINTS, ACCOUNTS]) {
      for (const wrong of ['limit=0', 'limit=101', 'limit=1&limit=2', 'family=account', 'cursor='])
        expect([wrong, (await world.send(tenant, { url: `${url}?${wrong}` })).statusCode]).toEqual([
          wrong,
          wrong.startsWith('limit=1&') || wrong === 'cursor=' ? 400 : 422,
        ]);
    }
    expect(await get(ENDPOINTS, other)).toEqual({ results: [], next: null, previous: null });
  });
});
