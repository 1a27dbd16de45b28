import { type Draw, TokenBucket } from './cache';

interface Bucket {
  tokens: number;
  atMs: number;
  slowUntilMs: number;
}

/** Accounts of one process; a bucket that is full again is worth nothing and may go. */
const BUCKETS_MAX = 10_000;

/**
 * This process's part of a pace that nobody shares: each of at most `processes` processes takes its share, so that together
 * they stay below the whole.
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
    refill(bucket, share, now);
    const granted = Math.min(wanted, Math.floor(bucket.tokens));
    bucket.tokens -= granted;
    return { granted, left: bucket.tokens, shared: false };
  }

  async slow(key: string, forMs: number): Promise<void> {
    const now = this.nowMs();
    const bucket = this.bucketOf(key, 0, now);
    bucket.tokens = 0;
    bucket.atMs = now;
    bucket.slowUntilMs = now + forMs;
  }

  private bucketOf(key: string, tokens: number, now: number): Bucket {
    const known = this.buckets.get(key);
    if (known) return known;
    if (this.buckets.size >= BUCKETS_MAX) this.buckets.delete(this.buckets.keys().next().value as string);
    const made = { tokens, atMs: now, slowUntilMs: 0 };
    this.buckets.set(key, made);
    return made;
  }
}

/** What came in since the last look: at half the rate for the part of it that was slow. */
function refill(bucket: Bucket, share: { rate: number; burst: number }, now: number): void {
  const slowMs = Math.max(Math.min(now, bucket.slowUntilMs) - bucket.atMs, 0);
  const elapsedMs = now - bucket.atMs - slowMs / 2;
  bucket.tokens = Math.min(share.burst, bucket.tokens + (share.rate * elapsedMs) / 1000);
  bucket.atMs = now;
}
