import { Client } from 'pg';
import { ApiKeys, Users } from '../../src/modules/identity';
import { ListResponseCache } from '../../src/platform/pagination/list-response-cache';
import { bareTenant } from '../integration/transfers/support/bare-tenant';
import { startApp, type TestApp, type TestTenant } from '../support';
import { AuditedRoutes } from './support/audited-routes';

const LISTS = [
  '/payouts?limit=50',
  '/settlements?limit=50',
  '/connections/rail-accounts',
  '/connections/webhook-endpoints',
];
const ROUNDS = 20;

/** Calls every route that changes something, and compares each cached list with the database after each. */
describe('The cached lists', () => {
  let world: TestApp;
  let tenant: TestTenant;
  let admin: Client;
  let version: jest.SpyInstance<Promise<string | null>>;
  let find: jest.SpyInstance<Buffer | null>;
  const stale: string[] = [];
  const calls: string[] = [];

  beforeAll(async () => {
    world = await startApp();
    tenant = await bareTenant(world);
    admin = new Client({ connectionString: world.urls.admin });
    await admin.connect();
    const cache = world.app.get(ListResponseCache, { strict: false });
    version = jest.spyOn(cache, 'version');
    find = jest.spyOn(cache, 'find');
    const stripeKey = 'sk_test_sim_of_cached_lists';
    await world.simulator.registerPlatform({ secret_key: stripeKey, balances: {} });
    const { secret } = await world.app.get(ApiKeys, { strict: false }).create(tenant.id, 'another', ['*']);
    const token = await platformToken();
    checkAfterEachWrite();
    await new AuditedRoutes(tenant, admin, secret, token).callAll(stripeKey);
  });
  afterAll(async () => {
    await admin.end();
    await world.close();
  });

  const platformToken = async () => {
    const email = 'admin@example.com';
    const { token } = await world.app
      .get(Users, { strict: false })
      .create({ email, name: 'Ann Lee', isPlatformAdmin: true });
    const password = 'nine blue whales dance';
    await tenant.call('POST', '/auth/accept-invitation', { token, password });
    return (await tenant.must<{ access_token: string }>('POST', '/auth/token', { email, password }))
      .access_token;
  };

  function checkAfterEachWrite(): void {
    const call = tenant.call.bind(tenant);
    const get = async (path: string) => (await call('GET', path)).text;
    const fromDatabase = (path: string) => {
      version.mockResolvedValueOnce(null);
      return get(path);
    };
    const fromCache = async (path: string) => {
      for (let round = 0; round < ROUNDS; round++) {
        find.mockClear();
        const text = await get(path);
        if (find.mock.results.some(({ value }) => value !== null)) return text;
      }
      throw new Error(`${path} is never sent from the cache`);
    };
    /** Workers write, too: a list is stale when it differs twice although its version is the same. */
    const isStale = async (path: string) => {
      let differed: string | null = null;
      for (let round = 0; round < ROUNDS; round++) {
        const cached = await get(path);
        if (cached === (await fromDatabase(path))) return false;
        if (differed === cached) return true;
        differed = cached;
      }
      return true;
    };
    tenant.call = (async (method, path, body, headers) => {
      if (method === 'GET') return call(method, path, body, headers);
      for (const list of LISTS) await fromCache(list);
      const response = await call(method, path, body, headers);
      calls.push(`${method} ${path}`);
      for (const list of LISTS) if (await isStale(list)) stale.push(`${list} after ${method} ${path}`);
      return response;
    }) as TestTenant['call'];
  }

  it('show each write of every route that changes something', () => {
    expect(calls.length).toBeGreaterThan(40);
    expect(stale).toEqual([]);
  });
});
