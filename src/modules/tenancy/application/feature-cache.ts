import type { TenantId } from '../../../kernel/ids';
import { TenantCache } from './tenant-cache';

/** The enabled features of each tenant. Every load is a transaction of its own, so callers can share one. */
export class FeatureCache extends TenantCache<ReadonlySet<string>> {
  private readonly loads = new Map<TenantId, Promise<ReadonlySet<string>>>();

  override get(tenant: TenantId, load: () => Promise<ReadonlySet<string>>): Promise<ReadonlySet<string>> {
    const shared = this.loads.get(tenant);
    if (shared) return shared;
    const loading = super.get(tenant, load).finally(() => this.finish(tenant, loading));
    this.loads.set(tenant, loading);
    return loading;
  }

  override invalidate(tenant: TenantId): void {
    this.loads.delete(tenant);
    super.invalidate(tenant);
  }

  private finish(tenant: TenantId, loading: Promise<unknown>): void {
    if (this.loads.get(tenant) === loading) this.loads.delete(tenant);
  }
}
