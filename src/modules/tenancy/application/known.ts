import type { TenantId } from '../../../kernel/ids';

/** How long a change may go unnoticed in another process. */
export const KNOWN_FOR_MS = 5_000;
const KNOWN_MAX = 10_000;

/** What was true of each tenant a moment ago. A failed reading is not remembered. */
export class Known<T> {
  private readonly tenants = new Map<TenantId, { readonly until: number; readonly reading: Promise<T> }>();

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** Many requests of one tenant at once ask `load` once. */
  get(tenant: TenantId, load: () => Promise<T>): Promise<T> {
    const known = this.tenants.get(tenant);
    if (known && known.until > this.nowMs()) return known.reading;
    const asked = { until: this.nowMs() + KNOWN_FOR_MS, reading: load() };
    this.tenants.delete(tenant);
    this.tenants.set(tenant, asked);
    asked.reading.catch(() => {
      if (this.tenants.get(tenant) === asked) this.tenants.delete(tenant);
    });
    const [oldest] = this.tenants.keys();
    if (this.tenants.size > KNOWN_MAX && oldest !== undefined) this.tenants.delete(oldest);
    return asked.reading;
  }

  /** One that is being read right now as well: it may have begun before the change. */
  forget(tenant: TenantId): void {
    this.tenants.delete(tenant);
  }
}
