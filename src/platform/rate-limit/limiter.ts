import type { Draw, TokenBucket } from '../cache/cache';

/** So many at once, and so many a second afterwards, over all processes together. */
export interface Limit {
  readonly ratePerSecond: number;
  readonly burst: number;
}

export interface Verdict {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Until the bucket is full again. */
  readonly resetMs: number;
  /** Until the next one may pass; 0 for one that was allowed. */
  readonly retryAfterMs: number;
  /** False when this process went by its own share. */
  readonly shared: boolean;
  /** The first refusal since something passed: worth a line in the log. */
  readonly first: boolean;
}

interface Lease {
  tokens: number;
  untilMs: number;
  refusedUntilMs: number;
  left: number;
  shared: boolean;
  drawing: Promise<void> | null;
  told: boolean;
}

const LEASES_MAX = 10_000;
/** A lease is what comes in during this time: small limits are asked for one by one, large ones rarely. */
const LEASE_MS = 100;
/** What was taken and not used is let go of: saved up, it would add to a later burst. */
const LEASE_KEPT_MS = 1_000;

/**
 * Takes tokens of the shared bucket in leases, so that a request of a busy key asks nobody. Tokens leave the
 * bucket before they are used, hence the processes together never pass the limit; what an idle process had
 * leased is lost to the others. While the bucket is known to be empty it is not asked.
 */
export class Limiter {
  private readonly leases = new Map<string, Lease>();

  constructor(
    private readonly bucket: TokenBucket,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  async spend(key: string, limit: Limit): Promise<Verdict> {
    const lease = this.leaseOf(key);
    for (;;) {
      const now = this.nowMs();
      if (lease.tokens > 0 && now < lease.untilMs) return allowed(lease, limit);
      if (now < lease.refusedUntilMs) return refused(lease, limit, lease.refusedUntilMs - now);
      await (lease.drawing ??= this.draw(key, lease, limit).finally(() => (lease.drawing = null)));
    }
  }

  private async draw(key: string, lease: Lease, { ratePerSecond, burst }: Limit): Promise<void> {
    const wanted = Math.max(1, Math.floor((ratePerSecond * LEASE_MS) / 1000));
    const { granted, left, waitMs, shared }: Draw = await this.bucket.draw(key, wanted, ratePerSecond, burst);
    const now = this.nowMs();
    Object.assign(lease, { tokens: granted, left, shared, untilMs: now + LEASE_KEPT_MS });
    if (granted === 0) lease.refusedUntilMs = now + waitMs;
    else lease.told = false;
  }

  private leaseOf(key: string): Lease {
    const lease = this.leases.get(key) ?? {
      tokens: 0,
      untilMs: 0,
      refusedUntilMs: 0,
      left: 0,
      shared: true,
      drawing: null,
      told: false,
    };
    this.leases.delete(key);
    if (this.leases.size >= LEASES_MAX) this.leases.delete(this.leases.keys().next().value as string);
    this.leases.set(key, lease);
    return lease;
  }
}

function allowed(lease: Lease, { burst, ratePerSecond }: Limit): Verdict {
  lease.tokens -= 1;
  const remaining = Math.floor(lease.left) + lease.tokens;
  return {
    allowed: true,
    limit: burst,
    remaining,
    resetMs: ((burst - remaining) / ratePerSecond) * 1000,
    retryAfterMs: 0,
    shared: lease.shared,
    first: false,
  };
}

function refused(lease: Lease, { burst, ratePerSecond }: Limit, retryAfterMs: number): Verdict {
  const first = !lease.told;
  lease.told = true;
  return {
    allowed: false,
    limit: burst,
    remaining: 0,
    resetMs: (burst / ratePerSecond) * 1000,
    retryAfterMs,
    shared: lease.shared,
    first,
  };
}
