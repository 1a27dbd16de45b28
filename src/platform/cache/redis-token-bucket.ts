import type { Redis } from 'ioredis';
import type { Log } from '../logging';
import { type Draw, TokenBucket } from './cache';
import { type Deadline, within } from './within';

/**
 * One bucket for all processes, filled by the clock of Redis. KEYS: bucket, slow mark. ARGV: wanted, rate per
 * second, burst. Half the rate while the mark stands. 1e-9 is what adding up parts of a token may lose. The
 * bucket goes when it would be full again anyway. A look (wanted 0) writes nothing: a refusal would else be a
 * way to fill Redis.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local rate = tonumber(ARGV[2])
local burst = tonumber(ARGV[3])
if redis.call('EXISTS', KEYS[2]) == 1 then rate = rate / 2 end
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(bucket[1]) or burst
local at = tonumber(bucket[2]) or now
tokens = math.min(burst, tokens + math.max(now - at, 0) * rate / 1000)
local granted = math.min(tonumber(ARGV[1]), math.floor(tokens + 1e-9))
if tonumber(ARGV[1]) > 0 then
  redis.call('HSET', KEYS[1], 'tokens', tostring(tokens - granted), 'at', tostring(now))
  redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + 1000)
end
return { granted, tostring(tokens - granted), tostring(rate) }`;

/** What was saved up is gone, and the mark halves the rate. */
const SLOW = `
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], 'tokens', '0', 'at', tostring(time[1] * 1000 + time[2] / 1000))
redis.call('PEXPIRE', KEYS[1], ARGV[1] + 60000)
redis.call('SET', KEYS[2], '1', 'PX', ARGV[1])
return 1`;

/** Shared through Redis; when Redis does not answer in time, this process goes on with its own share. */
export class RedisTokenBucket extends TokenBucket {
  constructor(
    private readonly redis: Redis,
    private readonly own: TokenBucket,
    private readonly deadline: Deadline,
    private readonly log: Log,
  ) {
    super();
  }

  async draw(key: string, wanted: number, ratePerSecond: number, burst: number): Promise<Draw> {
    try {
      const [granted, left, rate] = (await within(this.deadline, () =>
        this.redis.eval(TAKE, 2, ...keysOf(key), wanted, ratePerSecond, burst),
      )) as [number, string, string];
      return {
        granted,
        left: Number(left),
        waitMs: (Math.max(1 - Number(left), 0) / Number(rate)) * 1000,
        shared: true,
      };
    } catch (error) {
      this.log.debug('pace.not_shared', { error });
      return this.own.draw(key, wanted, ratePerSecond, burst);
    }
  }

  async slow(key: string, forMs: number): Promise<void> {
    await this.own.slow(key, forMs);
    await within(this.deadline, () => this.redis.eval(SLOW, 2, ...keysOf(key), forMs)).catch(
      (error: unknown) => this.log.debug('pace.not_shared', { error }),
    );
  }
}

/** The braces keep both keys in one slot of a cluster. */
function keysOf(key: string): [string, string] {
  return [`pace:{${key}}`, `pace:{${key}}:slow`];
}
