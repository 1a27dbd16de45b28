import { Redis } from 'ioredis';
import {
  InProcessTokenBucket,
  redisOptions,
  RedisTokenBucket,
  type TokenBucket,
} from '../../../../src/platform/cache';
import { Limiter, type Verdict } from '../../../../src/platform/rate-limit/limiter';
import { startOwnRedis } from '../../../support/servers';
import { QuietLog } from '../quiet-log';

const PROCESSES = 4;
const DEADLINE_MS = 500;

describe('limits of four processes', () => {
  let server: Awaited<ReturnType<typeof startOwnRedis>>;
  const clients: Redis[] = [];

  beforeAll(async () => {
    server = await startOwnRedis();
  });
  afterAll(async () => {
    clients.forEach((client) => client.disconnect());
    await server.stop();
  });

  async function shared(): Promise<TokenBucket> {
    const redis = new Redis({
      ...redisOptions(server.url),
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      lazyConnect: true,
    });
    redis.on('error', () => undefined);
    await redis.connect();
    clients.push(redis);
    return new RedisTokenBucket(redis, new InProcessTokenBucket(PROCESSES), DEADLINE_MS, new QuietLog());
  }

  const each = <T>(make: () => T): T[] => Array.from({ length: PROCESSES }, make);
  const adapters: [string, () => Promise<TokenBucket[]>][] = [
    ['with Redis', () => Promise.all(each(shared))],
    ['in this process', async () => each(() => new InProcessTokenBucket(PROCESSES))],
  ];

  describe.each(adapters)('%s', (name, make) => {
    let limiters: Limiter[];
    beforeAll(async () => {
      limiters = (await make()).map((bucket) => new Limiter(bucket));
    });

    /** So many at once, at the processes in turn. */
    async function spend(
      key: string,
      count: number,
      limit: { ratePerSecond: number; burst: number },
    ): Promise<Verdict[]> {
      return Promise.all(
        Array.from({ length: count }, (_, i) =>
          (limiters[i % PROCESSES] as Limiter).spend(`${name}:${key}`, limit),
        ),
      );
    }

    it.each([
      [20, 1],
      [40, 50],
      [200, 1_000],
    ])('never let more through than a burst of %i and %i a second', async (burst, ratePerSecond) => {
      const startedAt = performance.now();
      let passed = 0;
      for (let round = 0; round < 5; round++)
        passed += (await spend(`burst-${burst}`, 500, { ratePerSecond, burst })).filter(
          ({ allowed }) => allowed,
        ).length;
      const seconds = (performance.now() - startedAt) / 1_000;
      expect(passed).toBeGreaterThanOrEqual(burst / 2);
      expect(passed).toBeLessThanOrEqual(Math.ceil(burst + ratePerSecond * seconds));
    });

    it('tell a wait after which one passes, and no sooner', async () => {
      const limit = { ratePerSecond: PROCESSES * 2, burst: PROCESSES };
      const refused = (await spend('wait', 40, limit)).find(({ allowed }) => !allowed) as Verdict;
      expect(refused.retryAfterMs).toBeGreaterThan(0);
      expect(refused.retryAfterMs).toBeLessThanOrEqual(500);
    });

    it('keep keys apart', async () => {
      await spend('one', 40, { ratePerSecond: 1, burst: 4 });
      const [other] = await spend('other', 1, { ratePerSecond: 1, burst: 4 });
      expect(other?.allowed).toBe(true);
    });
  });

  it('let go of what was leased and not used: it does not add to a later burst', async () => {
    const clock = { nowMs: 0 };
    const drawn: number[] = [];
    const bucket = new InProcessTokenBucket(1, () => clock.nowMs);
    const limiter = new Limiter(
      { draw: (...asked) => (drawn.push(asked[1]), bucket.draw(...asked)) } as TokenBucket,
      () => clock.nowMs,
    );
    const limit = { ratePerSecond: 100, burst: 20 };
    await limiter.spend('k', limit);
    await limiter.spend('k', limit);
    expect(drawn).toEqual([10]);
    clock.nowMs = 1_000;
    const verdicts = await Promise.all(Array.from({ length: 60 }, () => limiter.spend('k', limit)));
    expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(20);
  });

  it('ask an empty bucket again only when it can have something', async () => {
    const clock = { nowMs: 0 };
    let asked = 0;
    const bucket = new InProcessTokenBucket(1, () => clock.nowMs);
    const limiter = new Limiter(
      { draw: (...one) => (asked++, bucket.draw(...one)) } as TokenBucket,
      () => clock.nowMs,
    );
    const limit = { ratePerSecond: 1, burst: 1 };
    const verdicts = await Promise.all(Array.from({ length: 100 }, () => limiter.spend('k', limit)));
    expect([verdicts.filter(({ allowed }) => allowed).length, asked]).toEqual([1, 2]);
    expect(verdicts.filter(({ first }) => first)).toHaveLength(1);
    clock.nowMs = 999;
    expect((await limiter.spend('k', limit)).retryAfterMs).toBeCloseTo(1);
    clock.nowMs = 1_000;
    expect((await limiter.spend('k', limit)).allowed).toBe(true);
    expect(asked).toBe(3);
  });
});
