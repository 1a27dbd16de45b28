import { ApiKeys } from '../../../src/modules/identity';
import { startOwnRedis } from '../../support/servers';
import { startApp, TestTenant, type TestApp } from '../../support';

const SELF = '/api-keys/self';
/** A recipient costs little, and making one is a write. */
const WRITE = { type: 'INDIVIDUAL', name: 'Ann', country: 'US' };
const SLOW = {
  API_KEY_RATE_PER_SECOND: '1',
  API_KEY_BURST: '5',
  TENANT_RATE_PER_SECOND: '1',
  TENANT_BURST: '8',
  AUTH_FAILURES_PER_MINUTE: '4',
};

describe('rate limits of two processes that share a Redis', () => {
  let redis: Awaited<ReturnType<typeof startOwnRedis>>;
  let here: TestApp;
  let there: TestApp;

  beforeAll(async () => {
    redis = await startOwnRedis();
    const env = { ...SLOW, ROLES: 'api', REDIS_URL: redis.url };
    here = await startApp({ env });
    there = await startApp({ env, beside: here });
  });
  afterAll(async () => {
    await there.close();
    await here.close();
    await redis.stop();
  });

  /** The same key, used at either process in turn. */
  async function pair(): Promise<[TestTenant, TestTenant]> {
    const tenant = await here.tenant();
    return [tenant, new TestTenant(there.url, tenant.id, tenant.apiKey, tenant.stripeKey, tenant.simulator)];
  }

  it('let at most the limit through, of a thousand at once', async () => {
    const tenants = await pair();
    const startedAt = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, i) => (tenants[i % 2] as TestTenant).call('GET', SELF)),
    );
    const refilled = Math.floor((performance.now() - startedAt) / 1_000);
    const passed = answers.filter(({ status }) => status === 200).length;
    expect(passed).toBeGreaterThanOrEqual(1);
    expect(passed).toBeLessThanOrEqual(5 + refilled);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(1_000 - passed);
  });

  it('say how much is left, and when to come again to the second', async () => {
    const [tenant] = await pair();
    const left: (string | null)[] = [];
    let refused = await tenant.call('GET', SELF);
    for (; refused.status === 200; refused = await tenant.call('GET', SELF))
      left.push(refused.headers.get('ratelimit-remaining'));
    expect(left.slice(0, 5)).toEqual(['4', '3', '2', '1', '0']);
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    const told = (name: string) => refused.headers.get(name);
    expect([told('retry-after'), told('ratelimit-limit'), told('ratelimit-remaining')]).toEqual([
      '1',
      '5',
      '0',
    ]);
    const waited = Number(told('retry-after')) * 1_000;
    const until = performance.now() + waited;
    while (performance.now() < until) await tenant.call('GET', '/../health/live');
    expect((await tenant.call('GET', SELF)).status).toBe(200);
  });

  it('hold for all keys of a tenant together, and for no other tenant', async () => {
    const [first] = await pair();
    const keys = [first];
    for (const name of ['second', 'third']) {
      const { secret } = await here.app.get(ApiKeys, { strict: false }).create(first.id, name, ['*']);
      keys.push(new TestTenant(here.url, first.id, secret, first.stripeKey, first.simulator));
    }
    const startedAt = performance.now();
    const answers = await Promise.all(
      keys.flatMap((key) => Array.from({ length: 5 }, () => key.call('GET', SELF))),
    );
    const refilled = Math.ceil((performance.now() - startedAt) / 1_000);
    const passed = answers.filter(({ status }) => status === 200).length;
    expect(passed).toBeGreaterThanOrEqual(8);
    expect(passed).toBeLessThanOrEqual(8 + refilled);
    const [other] = await pair();
    expect((await other.call('GET', SELF)).status).toBe(200);
  });

  it('are lower for a key that was made so', async () => {
    const [tenant] = await pair();
    const key = await tenant.must<{ secret: string }>('POST', '/api-keys', {
      name: 'slow',
      scopes: ['*'],
      rate_limit_per_minute: 2,
    });
    const slow = new TestTenant(there.url, tenant.id, key.secret, tenant.stripeKey, tenant.simulator);
    const answers = [
      await slow.call('GET', SELF),
      await slow.call('GET', SELF),
      await slow.call('GET', SELF),
    ];
    expect(answers.map(({ status, headers }) => [status, headers.get('ratelimit-limit')])).toEqual([
      [200, '2'],
      [200, '2'],
      [429, '2'],
    ]);
    expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(25);
  });

  it('slow down whoever tries keys, and shut nobody out who has one', async () => {
    const [tenant, elsewhere] = await pair();
    const guess = (caller: TestTenant) =>
      new TestTenant(caller.url, caller.id, `dk_${'A'.repeat(40)}`, '', caller.simulator).call('GET', SELF);
    const answers = [];
    for (let i = 0; i < 12; i++) answers.push(await guess(i % 2 ? tenant : elsewhere));
    expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(4);
    expect(answers.at(-1)).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect(answers.at(-1)?.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await tenant.call('GET', SELF)).status).toBe(200);
  });

  it('are kept apart by the address that a caller really has: nobody names their own', async () => {
    const [tenant] = await pair();
    const answers = [];
    for (let i = 0; i < 8; i++)
      answers.push(
        await tenant.call('GET', SELF, undefined, {
          'X-API-Key': `dk_${'B'.repeat(40)}`,
          'X-Forwarded-For': `198.51.100.${i}`,
        }),
      );
    expect(answers.at(-1)?.status).toBe(429);
  });

  it('without Redis: each process takes its share of the writes, and lets every read pass', async () => {
    const own = await startOwnRedis();
    const alone = await startApp({
      env: { ...SLOW, API_KEY_BURST: '8', TENANT_BURST: '8', ROLES: 'api', REDIS_URL: own.url },
    });
    try {
      const tenant = await alone.tenant();
      await own.stop();
      const reads = await Promise.all(Array.from({ length: 20 }, () => tenant.call('GET', SELF)));
      expect(new Set(reads.map(({ status }) => status))).toEqual(new Set([200]));
      const other = await alone.tenant();
      const writes = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          other.call('POST', '/recipients', WRITE, { 'Idempotency-Key': `alone-${i}-alone` }),
        ),
      );
      const made = writes.filter(({ status }) => status === 201).length;
      // A share of 8 by four processes, and what comes in meanwhile.
      expect(made).toBeGreaterThanOrEqual(1);
      expect(made).toBeLessThanOrEqual(4);
    } finally {
      await alone.close();
    }
  });
});
