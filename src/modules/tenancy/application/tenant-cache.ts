import type { TenantId } from '../../../kernel/ids';

/** How long a change may stay unnoticed in another process. */
export const TENANT_CACHE_TTL_MS = 5_000;
const ENTRIES_MAX = 10_000;

interface Entry<T> {
  readonly until: number;
  readonly value: T;
}

/**
 * A value per tenant, for a few seconds. Only loaded values are shared, never a load in progress: it runs in
 * the transaction of its caller, and may fail with it.
 */
export class TenantCache<T> {
  private readonly entries = new Map<TenantId, Entry<T>>();
  /** A load that began before an invalidation may return the old value, which is then not stored. */
  private invalidations = 0;

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  async get(tenant: TenantId, load: () => Promise<T>): Promise<T> {
    const cached = this.entries.get(tenant);
    if (cached && cached.until > this.nowMs()) return cached.value;
    const until = this.nowMs() + TENANT_CACHE_TTL_MS;
    const before = this.invalidations;
    const value = await load();
    if (this.invalidations === before) this.store(tenant, { until, value });
    return value;
  }

  invalidate(tenant: TenantId): void {
    this.invalidations += 1;
    this.entries.delete(tenant);
  }

  private store(tenant: TenantId, entry: Entry<T>): void {
    this.entries.delete(tenant);
    this.entries.set(tenant, entry);
    const [oldest] = this.entries.keys();
    if (this.entries.size > ENTRIES_MAX && oldest !== undefined) this.entries.delete(oldest);
  }
}
