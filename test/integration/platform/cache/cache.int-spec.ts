import { Redis } from 'ioredis';
import {
  Cache,
  InProcessCache,
  InProcessTokenBucket,
  RedisCache,
  redisOptions,
  RedisTokenBucket,
  TokenBucket,
} from '../../../../src/platform/cache';
import { startOwnRedis } from '../../../support/servers';
import { QuietLog } from '../quiet-log';

const DEADLINE_MS = 500;

describe('the cache and the pace', () => {
  let server: Awaited<ReturnType<typeof startOwnRedis>>;
  const clients: Redis[] = [];

  beforeAll(async () => {
    server = await startOwnRedis();
  });
  afterAll(async () => {
    clients.forEach((client) => client.disconnect());
    await server.stop();
  });

  async function client(): Promise<Redis> {
    const redis = new Redis({
      ...redisOptions(server.url),
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      lazyConnect: true,
    });
    redis.on('error', () => undefined);
    await redis.connect();
    clients.push(redis);
    return redis;
  }

  /** `kept` counts what others may fill; in a process what is full pushes something out instead. */
  const adapters: [
    string,
    () => Promise<{ cache: Cache; buckets: TokenBucket[]; kept: () => Promise<number> }>,
  ][] = [
    [
      'Redis',
      async () => {
        const redis = await Promise.all([1, 2, 3, 4].map(client));
        return {
          cache: new RedisCache(redis[0] as Redis, new InProcessCache(), DEADLINE_MS, new QuietLog()),
          buckets: redis.map(
            (one) => new RedisTokenBucket(one, new InProcessTokenBucket(4), DEADLINE_MS, new QuietLog()),
          ),
          kept: () => (redis[0] as Redis).dbsize(),
        };
      },
    ],
    [
      'this process',
      async () => ({
        cache: new InProcessCache(),
        buckets: [1, 2, 3, 4].map(() => new InProcessTokenBucket(4)),
        kept: async () => 0,
      }),
    ],
  ];

  describe.each(adapters)('in %s', (_name, make) => {
    let cache: Cache;
    let buckets: TokenBucket[];
    let kept: () => Promise<number>;
    beforeAll(async () => {
      ({ cache, buckets, kept } = await make());
    });

    it('keeps a value until it expires or is deleted', async () => {
      await cache.set('tenant:value', { list: [1, 'zwei'] }, 60_000);
      await expect(cache.get('tenant:value')).resolves.toEqual({ list: [1, 'zwei'] });
      await cache.delete('tenant:value');
      await expect(cache.get('tenant:value')).resolves.toBeNull();
      await cache.set('tenant:short', 1, 1);
      await expect(cacheEmptied(cache, 'tenant:short')).resolves.toBe(true);
    });

    it('counts atomically', async () => {
      await Promise.all(Array.from({ length: 100 }, () => cache.increment('tenant:count', 1, 60_000)));
      await expect(cache.increment('tenant:count', 0, 60_000)).resolves.toBe(100);
    });

    it('never grants four processes together more than the burst and the rate', async () => {
      const startedAt = performance.now();
      let granted = 0;
      for (let round = 0; round < 20; round++) {
        const grants = await Promise.all(buckets.map((bucket) => bucket.take('account', 10, 100, 20)));
        granted += grants.reduce((sum, grant) => sum + grant, 0);
      }
      const seconds = (performance.now() - startedAt) / 1000;
      expect(granted).toBeGreaterThanOrEqual(20);
      expect(granted).toBeLessThanOrEqual(20 + 100 * seconds + 1);
    });

    it('tells a look what a take would find, and takes nothing', async () => {
      const bucket = buckets[0] as TokenBucket;
      await expect(bucket.draw('looked-at', 0, 0.001, 4)).resolves.toMatchObject({ granted: 0, waitMs: 0 });
      await expect(bucket.take('looked-at', 1, 0.001, 4)).resolves.toBe(1);
      while ((await bucket.take('looked-at', 1, 0.001, 4)) > 0);
      const { granted, waitMs } = await bucket.draw('looked-at', 0, 0.001, 4);
      expect(granted).toBe(0);
      expect(waitMs).toBeGreaterThan(900_000);
    });

    it('keeps nothing of looks, however many there are', async () => {
      const bucket = buckets[1] as TokenBucket;
      while ((await bucket.take('held-back', 1, 0.001, 4)) > 0);
      const before = await kept();
      for (let looked = 0; looked < 20; looked++)
        await Promise.all(
          Array.from({ length: 600 }, (_, i) => bucket.draw(`look-${looked}-${i}`, 0, 0.001, 4)),
        );
      await expect(bucket.take('held-back', 1, 0.001, 4)).resolves.toBe(0);
      expect(await kept()).toBe(before);
    });

    it('gives nothing more at once after it was told to slow down', async () => {
      await buckets[0]?.take('slowed', 1, 1, 50);
      await buckets[0]?.slow('slowed', 10_000);
      await expect(buckets[0]?.take('slowed', 10, 1, 50)).resolves.toBe(0);
    });
  });

  it('goes on with its own share of the pace when Redis is away, and reads nothing', async () => {
    const own = await startOwnRedis();
    const redis = new Redis({
      ...redisOptions(own.url),
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      lazyConnect: true,
    });
    redis.on('error', () => undefined);
    clients.push(redis);
    await redis.connect();
    const bucket = new RedisTokenBucket(redis, new InProcessTokenBucket(4), DEADLINE_MS, new QuietLog());
    await own.stop();
    await expect(bucket.take('account', 100, 100, 100)).resolves.toBe(25);
    const cache = new RedisCache(redis, new InProcessCache(), DEADLINE_MS, new QuietLog());
    await expect(cache.get('anything')).resolves.toBeNull();
    await expect(cache.increment('count', 2, 1_000)).resolves.toBe(2);
  });
});

async function cacheEmptied(cache: Cache, key: string): Promise<boolean> {
  while ((await cache.get(key)) !== null);
  return true;
}
