import { randomUUID } from 'node:crypto';
import { Test, type TestingModule } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { ConfigModule, readEnvironment } from '../../../../src/platform/config';
import { Log } from '../../../../src/platform/logging';
import { Metrics } from '../../../../src/platform/metrics';
import { QueueModule, WakeUps } from '../../../../src/platform/queue';
import { type OwnRedis, startOwnRedis, testRedisUrl } from '../../../support/servers';
import { PlatformStubs } from '../platform-stubs';
import type { QuietLog } from '../quiet-log';
import { until } from '../until';
import { keepsThePromisesOfWakeUps } from './wake-ups.contract';

const opened: TestingModule[] = [];

async function openProcess(
  url: string,
  queue: string,
  extra: Record<string, string> = {},
): Promise<{ wakeUps: WakeUps; log: QuietLog; metrics: Metrics; module: TestingModule }> {
  const environment = readEnvironment({ ...PlatformStubs.variables(), REDIS_URL: url, ...extra });
  const module = await Test.createTestingModule({
    imports: [ConfigModule.forRoot(environment), PlatformStubs, QueueModule.forRoot(environment, [queue])],
  }).compile();
  opened.push(module);
  await module.init();
  return { wakeUps: module.get(WakeUps), log: module.get(Log), metrics: module.get(Metrics), module };
}

afterEach(async () => {
  for (const module of opened.splice(0)) await module.close();
});

describe('wake-ups through Bull', () => {
  keepsThePromisesOfWakeUps(async () => {
    const queue = `q-${randomUUID()}`;
    const { wakeUps } = await openProcess(testRedisUrl(), queue);
    return { wakeUps, queue, poison: (key) => poison(queue, key) };
  });

  /** By hand, as a broken client or somebody with redis-cli would. */
  async function poison(queue: string, good: string): Promise<void> {
    const redis = new Redis(testRedisUrl());
    const jobs = {
      null: 'null',
      number: '7',
      list: '[1]',
      object: '{"key":{"a":1}}',
      spaces: '{"key":"a b"}',
      large: JSON.stringify({ key: 'x'.repeat(5_000_000) }),
      broken: '{"key":',
      good: JSON.stringify({ key: good }),
    };
    for (const [id, data] of Object.entries(jobs)) await put(redis, queue, id, data);
    await redis.quit();
  }

  async function put(redis: Redis, queue: string, id: string, data: string): Promise<void> {
    await redis.hset(`disburse:${queue}:${id}`, {
      name: id === 'list' ? 'another name' : '__default__',
      data,
      opts: '{"removeOnComplete":true,"removeOnFail":true}',
      timestamp: '1',
      delay: '0',
      priority: '0',
    });
    await redis.lpush(`disburse:${queue}:wait`, id);
  }

  it('leaves nothing in Redis when poison was dropped', async () => {
    const queue = `q-${randomUUID()}`;
    const { wakeUps, metrics } = await openProcess(testRedisUrl(), queue);
    wakeUps.consume(queue, () => Promise.resolve(), { concurrency: 2 });
    await poison(queue, 'good');
    const redis = new Redis(testRedisUrl());
    await until(
      async () =>
        (await redis.llen(`disburse:${queue}:wait`)) + (await redis.llen(`disburse:${queue}:active`)) === 0,
    );
    for (const id of ['null', 'broken', 'large', 'good'])
      await until(async () => (await redis.exists(`disburse:${queue}:${id}`)) === 0);
    await redis.quit();
    expect(wakeUps.status().queues[1]).toMatchObject({ dropped: 7, failed: 0 });
    expect(await metrics.registry.metrics()).toContain(
      `disburse_wakeups_dropped_total{queue="${queue}",reason="payload_unreadable"} 1`,
    );
  });

  it('drops poison that is taken together with finishing another job', async () => {
    const queue = `q-${randomUUID()}`;
    const { wakeUps } = await openProcess(testRedisUrl(), queue);
    const redis = new Redis(testRedisUrl());
    for (const [id, data] of [
      ['good', '{"key":"good"}'],
      ['broken', '{"key":'],
    ] as const)
      await put(redis, queue, id, data);
    wakeUps.consume(queue, () => Promise.resolve(), { concurrency: 1 });
    await until(async () => (await redis.exists(`disburse:${queue}:broken`)) === 0);
    expect(await redis.llen(`disburse:${queue}:active`)).toBe(0);
    await redis.quit();
  });

  it('wakes another process', async () => {
    const queue = `q-${randomUUID()}`;
    const sender = await openProcess(testRedisUrl(), queue, { ROLES: 'api' });
    const taker = await openProcess(testRedisUrl(), queue, { ROLES: 'worker' });
    const got: string[] = [];
    taker.wakeUps.consume(queue, (key) => Promise.resolve(void got.push(key)), { concurrency: 1 });
    await until(() => sender.wakeUps.status().connected);
    sender.wakeUps.wake(queue, 'acct-1');
    await until(() => got.length === 1);
    expect(() => sender.wakeUps.consume(queue, () => Promise.resolve(), { concurrency: 1 })).toThrow(
      'without the role worker',
    );
  });
});

describe('a Redis that fails', () => {
  let redis: OwnRedis;
  let queue: string;
  beforeEach(async () => {
    queue = `q-${randomUUID()}`;
    redis = await startOwnRedis();
  });
  afterEach(async () => {
    for (const module of opened.splice(0)) await module.close();
    await redis.stop();
  });

  it('is killed and comes back: wake-ups in between are rejected at once and counted, later ones arrive', async () => {
    const { wakeUps, log } = await openProcess(redis.url, queue);
    const got: string[] = [];
    wakeUps.consume(queue, (key) => Promise.resolve(void got.push(key)), { concurrency: 2 });
    await until(() => wakeUps.status().connected);
    wakeUps.wake(queue, 'before');
    await until(() => got.includes('before'));
    await redis.kill();
    await until(() => !wakeUps.status().connected);
    for (let n = 0; n < 100; n++) wakeUps.wake(queue, `lost-${n}`);
    await until(() => wakeUps.status().queues[1]?.rejected === 100);
    expect(log.said('wakeup.rejected')).toHaveLength(1);
    await redis.start();
    await until(() => (wakeUps.wake(queue, 'after'), got.includes('after')));
    expect(got.filter((key) => key.startsWith('lost'))).toEqual([]);
  });

  it('forgets everything (FLUSHALL): the consumer goes on', async () => {
    const { wakeUps } = await openProcess(redis.url, queue);
    const got: string[] = [];
    wakeUps.consume(queue, (key) => Promise.resolve(void got.push(key)), { concurrency: 2 });
    await until(() => (wakeUps.wake(queue, 'before'), got.includes('before')));
    const admin = new Redis(redis.url);
    await admin.flushall();
    await until(() => (wakeUps.wake(queue, 'after'), got.includes('after')));
    await admin.quit();
  });

  it('accepts and never answers: a wake-up is given up after a second and holds nobody', async () => {
    const { wakeUps } = await openProcess(redis.url, queue);
    await until(() => wakeUps.status().connected);
    process.kill(redis.pid, 'SIGSTOP');
    try {
      const started = performance.now();
      for (let n = 0; n < 10_000; n++) wakeUps.wake(queue, 'same');
      expect(performance.now() - started).toBeLessThan(500);
      await until(() => (wakeUps.status().queues[1]?.rejected ?? 0) > 0);
      expect(performance.now() - started).toBeLessThan(5_000);
    } finally {
      process.kill(redis.pid, 'SIGCONT');
    }
  });

  it('has no memory left: the wake-up is rejected and counted', async () => {
    const { wakeUps } = await openProcess(redis.url, queue);
    await until(() => wakeUps.status().connected);
    const admin = new Redis(redis.url);
    await admin.config('SET', 'maxmemory', '1');
    wakeUps.wake(queue, 'acct');
    await until(() => wakeUps.status().queues[1]?.rejected === 1);
    await admin.quit();
  });

  it('is away at the start: the process starts, says so, and wakes once it is there', async () => {
    await redis.kill();
    const { wakeUps, log } = await openProcess(redis.url, queue);
    const got: string[] = [];
    wakeUps.consume(queue, (key) => Promise.resolve(void got.push(key)), { concurrency: 1 });
    expect(log.said('queue.redis_unavailable')).toHaveLength(1);
    await redis.start();
    await until(() => (wakeUps.wake(queue, 'after'), got.includes('after')));
  });

  it('is away when the process ends: closing does not wait for it', async () => {
    const { wakeUps } = await openProcess(redis.url, queue);
    wakeUps.consume(queue, () => Promise.resolve(), { concurrency: 2 });
    await until(() => wakeUps.status().connected);
    await redis.kill();
    await until(() => !wakeUps.status().connected);
    const started = performance.now();
    await wakeUps.close();
    expect(performance.now() - started).toBeLessThan(8_000);
    await redis.start();
  });

  it('may forget keys under its policy: a warning by day, no start in production', async () => {
    const admin = new Redis(redis.url);
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await admin.quit();
    const { log } = await openProcess(redis.url, queue);
    expect(log.said('queue.redis_may_forget')).toMatchObject([{ policy: 'allkeys-lru' }]);
    await expect(openProcess(redis.url, queue, PlatformStubs.production())).rejects.toThrow(
      'maxmemory-policy allkeys-lru',
    );
  });
});
