import type { RedisOptions } from 'ioredis';

const RECONNECT_MAX_MS = 2_000;

/**
 * A Redis URL as options, since Bull reads URLs by itself and forgets the TLS of `rediss:`. Reconnecting
 * never gives up and never waits long.
 */
export function redisOptions(url: string): RedisOptions {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 6379),
    username: decodeURIComponent(username) || undefined,
    password: decodeURIComponent(password) || undefined,
    db: Number(pathname.slice(1) || 0),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
    connectTimeout: 2_000,
    retryStrategy: (tries) => Math.min(50 * 2 ** tries, RECONNECT_MAX_MS),
  };
}
