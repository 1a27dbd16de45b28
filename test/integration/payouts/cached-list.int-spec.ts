import { CachedListInterceptor } from '../../../src/platform/pagination/cached-list.interceptor';
import { startApp, TestTenant, type TestApp, until } from '../../support';
import { startOwnRedis } from '../../support/servers';
import { pay } from './support/payouts';

const LIST = '/payouts?limit=5';

/** A cached response is sent before Nest's pipeline and after every check: an interceptor sees only the misses. */
describe('A cached response of a list', () => {
  let world: TestApp;
  let tenant: TestTenant;
  let ann: string;
  let misses: jest.SpyInstance;

  beforeAll(async () => {
    world = await startApp();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    misses = jest.spyOn(world.app.get(CachedListInterceptor, { strict: false }), 'intercept');
    tenant = await world.tenant();
    ann = (await tenant.recipients(['ann'], { connected: false })).get('ann') as string;
    await pay(tenant, ann, '5.00', { rail: 'manual' });
  });

  /** Repeats the request until its response comes from the cache. */
  async function fromCache(by: TestTenant, path = LIST, headers: Record<string, string> = {}) {
    return until('the response is cached', async () => {
      const before = misses.mock.calls.length;
      const response = await by.call('GET', path, undefined, headers);
      return response.status === 200 && misses.mock.calls.length === before && response;
    });
  }
  const withKey = async (scopes: string[]) => {
    const { id, secret } = await tenant.must<{ id: string; secret: string }>('POST', '/api-keys', {
      name: 'other',
      scopes,
    });
    return { id, by: new TestTenant(tenant.url, tenant.id, secret, tenant.stripeKey, tenant.simulator) };
  };

  it('has the same bytes and headers as the first one, and counts as a use of the key', async () => {
    const first = await tenant.call('GET', LIST);
    const again = await fromCache(tenant);
    expect(again.text).toBe(first.text);
    const names = (of: typeof first) => [...of.headers.keys()].sort();
    expect(names(again)).toEqual(names(first));
    const same = ['content-type', 'cache-control', 'content-security-policy', 'ratelimit-limit'];
    for (const name of same) expect([name, again.headers.get(name)]).toEqual([name, first.headers.get(name)]);
    expect(Number(again.headers.get('ratelimit-remaining'))).toBeGreaterThanOrEqual(0);
    for (let n = 0; n < 20; n++) await fromCache(tenant);
    await until(
      'each use is recorded',
      async () => (await tenant.get<{ usage_count: number }>('/api-keys/self')).usage_count > 20,
    );
    const figures = await (await fetch(`${tenant.url}/metrics`)).text();
    expect(figures).toMatch(
      /http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/payouts",status="200"\}/,
    );
  });

  it('is not sent to a key without the scope, to another tenant or to a revoked key', async () => {
    await fromCache(tenant);
    const narrow = await withKey(['recipients:read']);
    // From here on the key is cached, and its limit has tokens left.
    await narrow.by.must('GET', '/recipients?limit=1');
    for (let n = 0; n < 3; n++)
      expect(await narrow.by.call('GET', LIST)).toMatchObject({
        status: 403,
        body: { code: 'insufficient_scope' },
      });
    const other = await world.tenant();
    expect((await other.call<{ results: object[] }>('GET', LIST)).body.results).toEqual([]);
    const leaving = await withKey(['payouts:read']);
    await fromCache(leaving.by);
    await tenant.must('DELETE', `/api-keys/${leaving.id}`);
    expect((await leaving.by.call('GET', LIST)).status).toBe(401);
  });

  it('contains a payout that was created since', async () => {
    for (let n = 2; n < 6; n++) {
      await fromCache(tenant);
      const { id } = await pay(tenant, ann, '1.00', { rail: 'manual' });
      expect((await tenant.get<{ results: { id: string }[] }>(LIST)).results.map((one) => one.id)).toContain(
        id,
      );
    }
  });

  it('is sent only after the tenant and the credentials of the request were checked', async () => {
    await fromCache(tenant);
    await fromCache(tenant, LIST, { 'X-Tenant-ID': tenant.id });
    await fromCache(tenant, LIST, { Cookie: 'a=b' });
    expect(await tenant.call('GET', LIST, undefined, { 'X-Tenant-ID': ann })).toMatchObject({ status: 404 });
    const twice = await fetch(`${tenant.url}/api/v1${LIST}`, {
      headers: { 'X-API-Key': tenant.apiKey, Authorization: 'Bearer x' },
    });
    expect(twice.status).toBe(400);
    expect((await fetch(`${tenant.url}/api/v1${LIST}`)).status).toBe(401);
    expect(await tenant.call('GET', `${LIST}&colour=red`)).toMatchObject({ status: 422 });
  });

  it('is not sent over the rate limit', async () => {
    const redis = await startOwnRedis();
    const slow = await startApp({
      env: { ROLES: 'api', REDIS_URL: redis.url, API_KEY_RATE_PER_SECOND: '20', API_KEY_BURST: '20' },
    });
    const limited = await slow.tenant();
    const limitedMisses = jest.spyOn(slow.app.get(CachedListInterceptor, { strict: false }), 'intercept');
    let sent = 0;
    let last = await limited.call('GET', LIST);
    for (; last.status === 200; last = await limited.call('GET', LIST)) sent += 1;
    const fromCacheCount = sent - limitedMisses.mock.calls.length;
    await slow.close();
    await redis.stop();
    expect(fromCacheCount).toBeGreaterThan(0);
    expect(sent).toBeLessThan(100);
    expect(last).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect(last.headers.get('retry-after')).not.toBeNull();
  });
});
