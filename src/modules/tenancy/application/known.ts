import type { TenantId } from '../../../kernel/ids';

/** How long a change may go unnoticed in another process. */
export const KNOWN_FOR_MS = 5_000;
const KNOWN_MAX = 10_000;

interface Answered<T> {
  readonly until: number;
  readonly answer: T;
}

/**
 * What was true of each tenant a moment ago. Only answers are shared, never a reading: it goes through the
 * transaction of whoever asked, and may fail with that.
 */
export class Known<T> {
  private readonly tenants = new Map<TenantId, Answered<T>>();
  /**
   * How often something was forgotten: what was being read then may be older than the change, and is not
   * remembered.
   */
  private forgotten = 0;

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  async get(tenant: TenantId, load: () => Promise<T>): Promise<T> {
    const known = this.tenants.get(tenant);
    if (known && known.until > this.nowMs()) return known.answer;
    const until = this.nowMs() + KNOWN_FOR_MS;
    const before = this.forgotten;
    const answer = await load();
    if (this.forgotten === before) this.remember(tenant, { until, answer });
    return answer;
  }

  /** One that is being read right now as well: it may have begun before the change. */
  forget(tenant: TenantId): void {
    this.forgotten += 1;
    this.tenants.delete(tenant);
  }

  private remember(tenant: TenantId, answered: Answered<T>): void {
    this.tenants.delete(tenant);
    this.tenants.set(tenant, answered);
    const [oldest] = this.tenants.keys();
    if (this.tenants.size > KNOWN_MAX && oldest !== undefined) this.tenants.delete(oldest);
  }
}
