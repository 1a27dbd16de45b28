import type { TenantId } from '../../../kernel/ids';
import type { Tx } from '../../../kernel/tx';
import type { Branding, FeatureName, Tenant, TenantSettings, TenantStatus } from '../contract';

export type NewTenant = Omit<Tenant, 'createdAt'>;

/** Where tenants are kept. Every call sees the tenant of its transaction only. */
export abstract class TenantStore {
  /** Null when the id is taken, which is waited for: two who make it at once make one. */
  abstract add(tx: Tx, tenant: NewTenant): Promise<Tenant | null>;
  /** As the system: which tenant has this slug, and nothing about it. */
  abstract locate(tx: Tx, slug: string): Promise<TenantId | null>;
  abstract find(tx: Tx, id: TenantId): Promise<Tenant | null>;
  /** Whether the tenant is active; if it is, nobody changes that until the transaction ends. */
  abstract holdActive(tx: Tx, id: TenantId): Promise<boolean>;
  /** As the system. */
  abstract suspendedAmong(tx: Tx, ids: readonly TenantId[]): Promise<TenantId[]>;
  /** Answers what it was before; null when the tenant is not there. */
  abstract changeStatus(tx: Tx, id: TenantId, status: TenantStatus): Promise<TenantStatus | null>;
  /** Makes the default settings where there are none, unless the transaction may only read. */
  abstract settings(tx: Tx, id: TenantId): Promise<TenantSettings>;
  /** As `settings`, and nobody else changes them until the transaction ends. */
  abstract lockSettings(tx: Tx, id: TenantId): Promise<TenantSettings>;
  abstract setSettings(tx: Tx, id: TenantId, settings: TenantSettings): Promise<void>;
}

export abstract class BrandingStore {
  /** Makes it, under the tenant's own name, where there is none. @throws TenantUnknown */
  abstract read(tx: Tx, id: TenantId): Promise<Branding>;
  /** As `read`, and nobody else changes it until the transaction ends. @throws TenantUnknown */
  abstract lock(tx: Tx, id: TenantId): Promise<Branding>;
  abstract replace(tx: Tx, id: TenantId, branding: Branding): Promise<void>;
}

export abstract class FeatureStore {
  /** Names as they were written: the catalogue may have lost one since. */
  abstract enabled(tx: Tx, id: TenantId): Promise<ReadonlySet<string>>;
  /** False when it was so already. */
  abstract change(tx: Tx, id: TenantId, name: FeatureName, enabled: boolean): Promise<boolean>;
}
