import type { Platform, RateLimits } from './state/platform';

interface Bucket {
  tokens: number;
  filledMs: number;
}

/**
 * Token buckets that hold one second's worth, by the machine's own clock: a moved clock must not refill them.
 */
export class RateLimiter {
  private readonly buckets = new Map<string, Bucket>();

  allows(platform: Platform, endpoint: string): boolean {
    const limits: RateLimits = platform.limits;
    const nowMs = performance.now();
    if (limits.per_second !== undefined && !this.take(platform.id, limits.per_second, nowMs)) return false;
    const each = limits.per_endpoint_per_second;
    return each === undefined || this.take(`${platform.id} ${endpoint}`, each, nowMs);
  }

  private take(name: string, perSecond: number, nowMs: number): boolean {
    const bucket = this.buckets.get(name) ?? { tokens: perSecond, filledMs: nowMs };
    bucket.tokens = Math.min(perSecond, bucket.tokens + ((nowMs - bucket.filledMs) / 1000) * perSecond);
    bucket.filledMs = nowMs;
    this.buckets.set(name, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}
