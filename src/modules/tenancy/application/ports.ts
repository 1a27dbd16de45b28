import type { TenantId } from '../../../kernel/ids';
import type { Tx } from '../../../kernel/tx';
import type { Branding, FeatureName, Tenant, TenantSettings, TenantStatus } from '../contract';

export type NewTenant = Omit<Tenant, 'createdAt'>;

/** Unless stated otherwise, a call sees only the tenant of its transaction. */
export abstract class TenantStore {
  /** Null when the id exists; waits for a concurrent insert of the same id. */
  abstract add(tx: Tx, tenant: NewTenant): Promise<Tenant | null>;
  /** For the system: the id of the tenant with this slug, and nothing else about it. */
  abstract locate(tx: Tx, slug: string): Promise<TenantId | null>;
  abstract find(tx: Tx, id: TenantId): Promise<Tenant | null>;
  /** Whether the tenant is active; if so, it stays active until the transaction ends. */
  abstract lockActive(tx: Tx, id: TenantId): Promise<boolean>;
  /** For the system. */
  abstract suspendedAmong(tx: Tx, ids: readonly TenantId[]): Promise<TenantId[]>;
  /** Returns the previous status; null when the tenant does not exist. */
  abstract changeStatus(tx: Tx, id: TenantId, status: TenantStatus): Promise<TenantStatus | null>;
  /** Creates the default settings where there are none, unless the transaction is read-only. */
  abstract settings(tx: Tx, id: TenantId): Promise<TenantSettings>;
  /** As `settings`; the row is locked until the transaction ends. */
  abstract lockSettings(tx: Tx, id: TenantId): Promise<TenantSettings>;
  abstract setSettings(tx: Tx, id: TenantId, settings: TenantSettings): Promise<void>;
}

export abstract class BrandingStore {
  /** Creates it with the tenant's name where there is none. @throws TenantUnknown */
  abstract read(tx: Tx, id: TenantId): Promise<Branding>;
  /** As `read`; the row is locked until the transaction ends. @throws TenantUnknown */
  abstract lock(tx: Tx, id: TenantId): Promise<Branding>;
  abstract replace(tx: Tx, id: TenantId, branding: Branding): Promise<void>;
}

export abstract class FeatureStore {
  /** Names as they were stored: a feature may have been removed from the code since. */
  abstract enabled(tx: Tx, id: TenantId): Promise<ReadonlySet<string>>;
  /** Returns false when nothing changed. */
  abstract change(tx: Tx, id: TenantId, name: FeatureName, enabled: boolean): Promise<boolean>;
}
