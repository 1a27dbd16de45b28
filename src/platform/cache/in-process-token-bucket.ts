import { type Draw, TokenBucket } from './cache';

interface Bucket {
  tokens: number;
  atMs: number;
  slowUntilMs: number;
}

/**
 * The least recently used bucket is dropped first: it is the fullest, and limits no caller at the moment.
 */
const BUCKETS_MAX = 10_000;
/**
 * What adding fractions of a token may lose: after the announced wait there must be a whole token.
 */
const ROUNDING = 1e-9;

/**
 * This process's share of a pace without shared state: each of at most `processes` processes takes its share,
 * so that together they stay below the limit.
 */
export class InProcessTokenBucket extends TokenBucket {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly processes: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    super();
  }

  async draw(key: string, wanted: number, ratePerSecond: number, burst: number): Promise<Draw> {
    const now = this.nowMs();
    const share = { rate: ratePerSecond / this.processes, burst: Math.max(burst / this.processes, 1) };
    const bucket = this.bucketOf(key, share.burst, now);
    // A read stores nothing: a stored bucket could push out one that limits a caller.
    if (wanted > 0) this.keep(key, bucket);
    refill(bucket, share, now);
    const granted = Math.min(wanted, Math.floor(bucket.tokens + ROUNDING));
    bucket.tokens -= granted;
    return { granted, left: bucket.tokens, waitMs: waitMs(bucket, share.rate, now), shared: false };
  }

  async slow(key: string, forMs: number): Promise<void> {
    const now = this.nowMs();
    const bucket = this.bucketOf(key, 0, now);
    this.keep(key, bucket);
    bucket.tokens = 0;
    bucket.atMs = now;
    bucket.slowUntilMs = now + forMs;
  }

  private bucketOf(key: string, tokens: number, now: number): Bucket {
    return this.buckets.get(key) ?? { tokens, atMs: now, slowUntilMs: 0 };
  }

  private keep(key: string, bucket: Bucket): void {
    this.buckets.delete(key);
    if (this.buckets.size >= BUCKETS_MAX) this.buckets.delete(this.buckets.keys().next().value as string);
    this.buckets.set(key, bucket);
  }
}

/** What came in since the last look: at half the rate for the part of it that was slow. */
function refill(bucket: Bucket, share: { rate: number; burst: number }, now: number): void {
  const slowMs = Math.max(Math.min(now, bucket.slowUntilMs) - bucket.atMs, 0);
  const elapsedMs = now - bucket.atMs - slowMs / 2;
  bucket.tokens = Math.min(share.burst, bucket.tokens + (share.rate * elapsedMs) / 1000);
  bucket.atMs = now;
}

/** At half the rate for as long as it is slow. */
function waitMs({ tokens, slowUntilMs }: Bucket, rate: number, now: number): number {
  const fullMs = (Math.max(1 - tokens, 0) / rate) * 1000;
  return fullMs + Math.min(fullMs, Math.max(slowUntilMs - now, 0) / 2);
}
