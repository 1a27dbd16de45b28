import { KeptPageInterceptor } from '../../../src/platform/pagination/cached-list.interceptor';
import { RequestLimits } from '../../../src/platform/rate-limit/request-limits';
import { startApp, TestTenant, type TestApp, until } from '../../support';
import { startOwnRedis } from '../../support/servers';
import { pay } from './support/payouts';

const LIST = '/payouts?limit=5';

/**
 * A kept page goes to whoever was let in to it a moment ago before guards and interceptors are asked: that
 * they are not is seen, and what they would say holds all the same.
 */
describe('The short way to a kept page', () => {
  let world: TestApp;
  let tenant: TestTenant;
  let ann: string;
  let long: jest.SpyInstance;

  beforeAll(async () => {
    world = await startApp();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    long = jest.spyOn(world.app.get(KeptPageInterceptor, { strict: false }), 'intercept');
    tenant = await world.tenant();
    ann = (await tenant.recipients(['ann'], { connected: false })).get('ann') as string;
    await pay(tenant, ann, '5.00', { rail: 'manual' });
  });

  /** Asks until it was answered by the short way, or has been asked often enough to be. */
  async function byShortWay(by: TestTenant, path = LIST, headers: Record<string, string> = {}) {
    return until('the page is kept', async () => {
      const before = long.mock.calls.length;
      const answer = await by.call('GET', path, undefined, headers);
      return answer.status === 200 && long.mock.calls.length === before && answer;
    });
  }
  async function neverByShortWay(by: TestTenant, path: string, headers: Record<string, string> = {}) {
    await byShortWay(tenant);
    for (let asked = 0; asked < 5; asked++) {
      const before = long.mock.calls.length;
      expect([(await by.call('GET', path, undefined, headers)).status, long.mock.calls.length]).toEqual([
        200,
        before + 1,
      ]);
    }
  }
  const withKey = async (scopes: string[]) => {
    const { id, secret } = await tenant.must<{ id: string; secret: string }>('POST', '/api-keys', {
      name: 'other',
      scopes,
    });
    return { id, by: new TestTenant(tenant.url, tenant.id, secret, tenant.stripeKey, tenant.simulator) };
  };

  it('answers the same bytes under the same headers, and is counted', async () => {
    const first = await tenant.call('GET', LIST);
    const again = await byShortWay(tenant);
    expect(again.text).toBe(first.text);
    const names = (of: typeof first) => [...of.headers.keys()].sort();
    expect(names(again)).toEqual(names(first));
    const same = ['content-type', 'cache-control', 'content-security-policy', 'ratelimit-limit'];
    for (const name of same) expect([name, again.headers.get(name)]).toEqual([name, first.headers.get(name)]);
    expect(Number(again.headers.get('ratelimit-remaining'))).toBeGreaterThanOrEqual(0);
    for (let asked = 0; asked < 20; asked++) await byShortWay(tenant);
    await until(
      'each use is written down',
      async () => (await tenant.get<{ usage_count: number }>('/api-keys/self')).usage_count > 20,
    );
    const figures = await (await fetch(`${tenant.url}/metrics`)).text();
    expect(figures).toMatch(
      /http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/payouts",status="200"\}/,
    );
  });

  it('is shut for a key without the scope, another tenant, and one that was revoked', async () => {
    await byShortWay(tenant);
    const narrow = await withKey(['recipients:read']);
    // It is known by now, and its limit leaves it something.
    await narrow.by.must('GET', '/recipients?limit=1');
    for (let asked = 0; asked < 3; asked++)
      expect(await narrow.by.call('GET', LIST)).toMatchObject({
        status: 403,
        body: { code: 'insufficient_scope' },
      });
    const other = await world.tenant();
    expect((await other.call<{ results: object[] }>('GET', LIST)).body.results).toEqual([]);
    const leaving = await withKey(['payouts:read']);
    await byShortWay(leaving.by);
    await tenant.must('DELETE', `/api-keys/${leaving.id}`);
    expect((await leaving.by.call('GET', LIST)).status).toBe(401);
  });

  it('shows a payout that was made since', async () => {
    for (let n = 2; n < 6; n++) {
      await byShortWay(tenant);
      const { id } = await pay(tenant, ann, '1.00', { rail: 'manual' });
      expect((await tenant.get<{ results: { id: string }[] }>(LIST)).results.map((one) => one.id)).toContain(
        id,
      );
    }
  });

  it('is not taken by who says more than a key', async () => {
    await neverByShortWay(tenant, LIST, { 'X-Tenant-ID': tenant.id });
    await neverByShortWay(tenant, LIST, { Cookie: 'a=b' });
    await neverByShortWay(tenant, LIST, { 'Content-Type': 'application/json' });
    expect(await tenant.call('GET', LIST, undefined, { 'X-Tenant-ID': ann })).toMatchObject({ status: 404 });
    await byShortWay(tenant);
    const twice = await fetch(`${tenant.url}/api/v1${LIST}`, {
      headers: { 'X-API-Key': tenant.apiKey, Authorization: 'Bearer x' },
    });
    expect(twice.status).toBe(400);
  });

  it('ends where the limit does, with the refusal of the long way', async () => {
    const redis = await startOwnRedis();
    const slow = await startApp({
      env: { ROLES: 'api', REDIS_URL: redis.url, API_KEY_RATE_PER_SECOND: '20', API_KEY_BURST: '20' },
    });
    const limited = await slow.tenant();
    const shortWay = jest.spyOn(slow.app.get(RequestLimits, { strict: false }), 'admitNow');
    const statuses: number[] = [];
    let last = await limited.call('GET', LIST);
    for (; last.status === 200; last = await limited.call('GET', LIST)) statuses.push(last.status);
    const wereShort = shortWay.mock.results.filter(({ value }) => value === true).length;
    await slow.close();
    await redis.stop();
    expect(wereShort).toBeGreaterThan(0);
    expect(statuses.length).toBeLessThan(100);
    expect(last).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect(last.headers.get('retry-after')).not.toBeNull();
  });
});
