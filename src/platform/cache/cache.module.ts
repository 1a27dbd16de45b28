import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../config';
import { RedisProbe } from '../health';
import { Log } from '../logging';
import { Cache, TokenBucket } from './cache';
import { InProcessCache } from './in-process-cache';
import { InProcessTokenBucket } from './in-process-token-bucket';
import { RedisCache } from './redis-cache';
import { redisOptions } from './redis-options';
import { RedisTokenBucket } from './redis-token-bucket';

const REDIS = Symbol('redis');
const DEADLINE_MS = 50;

/** Null without REDIS_URL. No queue of commands while it is away: what cannot be asked now is not asked. */
function connection(environment: Environment, log: Log): Redis | null {
  if (!environment.redisUrl) return null;
  const redis = new Redis({
    ...redisOptions(environment.redisUrl),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
  });
  redis.on('error', (error) => log.debug('cache.redis_error', { error }));
  return redis;
}

@Global()
@Module({
  providers: [
    { provide: REDIS, useFactory: connection, inject: [Environment, Log] },
    {
      provide: Cache,
      useFactory: (redis: Redis | null, log: Log) =>
        redis ? new RedisCache(redis, new InProcessCache(), DEADLINE_MS, log) : new InProcessCache(),
      inject: [REDIS, Log],
    },
    {
      provide: RedisProbe,
      useFactory: (redis: Redis | null): RedisProbe | null =>
        redis && { ping: async () => void (await redis.ping()) },
      inject: [REDIS],
    },
    {
      provide: TokenBucket,
      useFactory: (redis: Redis | null, environment: Environment, log: Log) => {
        const own = new InProcessTokenBucket(environment.workersMax);
        return redis ? new RedisTokenBucket(redis, own, DEADLINE_MS, log) : own;
      },
      inject: [REDIS, Environment, Log],
    },
  ],
  exports: [Cache, RedisProbe, TokenBucket],
})
export class CacheModule implements OnApplicationShutdown {
  constructor(@Inject(REDIS) private readonly redis: Redis | null) {}

  onApplicationShutdown(): void {
    this.redis?.disconnect();
  }
}
