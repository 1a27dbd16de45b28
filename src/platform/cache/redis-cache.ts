import type { Redis } from 'ioredis';
import type { Log } from '../logging';
import { Cache } from './cache';
import { type Deadline, within } from './within';

const INCREMENT = `
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return sum`;

/** Every failure of Redis reads as "not there"; counting goes on in this process. */
export class RedisCache extends Cache {
  constructor(
    private readonly redis: Redis,
    private readonly own: Cache,
    private readonly deadline: Deadline,
    private readonly log: Log,
  ) {
    super();
  }

  async get<T>(key: string): Promise<T | null> {
    const text = await this.ask(() => this.redis.get(key), null);
    return text === null ? null : (JSON.parse(text) as T);
  }

  async set(key: string, value: unknown, ttlMs: number): Promise<boolean> {
    return (await this.ask(() => this.redis.set(key, JSON.stringify(value), 'PX', ttlMs), null)) !== null;
  }

  async delete(key: string): Promise<void> {
    await this.ask(() => this.redis.del(key), 0);
  }

  async increment(key: string, by: number, ttlMs: number): Promise<number> {
    const sum = await this.ask(() => this.redis.eval(INCREMENT, 1, key, by, ttlMs), null);
    return sum === null ? this.own.increment(key, by, ttlMs) : Number(sum);
  }

  private ask<T>(question: () => Promise<T>, otherwise: T): Promise<T> {
    return within(this.deadline, question).catch((error: unknown) => {
      this.log.debug('cache.unavailable', { error });
      return otherwise;
    });
  }
}
