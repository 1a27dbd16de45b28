/**
 * Values that may be gone at any moment; nothing may depend on one being there. Keys start with the tenant
 * where there is one.
 */
export abstract class Cache {
  /** Null when it is unknown, expired, or the server does not answer in time. */
  abstract get<T>(key: string): Promise<T | null>;
  /** False when it is unknown whether it was stored. */
  abstract set(key: string, value: unknown, ttlMs: number): Promise<boolean>;
  abstract delete(key: string): Promise<void>;
  /**
   * Adds to a counter that lives for `ttlMs` from its first increment. Without the shared server it counts in
   * this process.
   */
  abstract increment(key: string, by: number, ttlMs: number): Promise<number>;
}

/** What was taken of a bucket, and how it was left. */
export interface Draw {
  readonly granted: number;
  /** With fractions of a token: they determine when the next one is whole. */
  readonly left: number;
  /** Until one is whole; 0 when there is one. No longer than that while a bucket is slowed. */
  readonly waitMs: number;
  /**
   * False when this process went by its own share, because the shared server did not answer or there is none.
   */
  readonly shared: boolean;
}

/** How fast a key may go, over all processes together. */
export abstract class TokenBucket {
  /**
   * Grants 0..wanted whole tokens at once; never waits. Over any time t the grants of all processes stay
   * within burst + rate × t. With 0 wanted it only reports, and stores nothing.
   */
  abstract draw(key: string, wanted: number, ratePerSecond: number, burst: number): Promise<Draw>;
  async take(key: string, wanted: number, ratePerSecond: number, burst: number): Promise<number> {
    return (await this.draw(key, wanted, ratePerSecond, burst)).granted;
  }
  /** After a 429 of the provider: saved tokens are dropped and the pace is halved for `forMs`. */
  abstract slow(key: string, forMs: number): Promise<void>;
}
