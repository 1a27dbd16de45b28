import { Injectable } from '@nestjs/common';
import { type Actor, systemActor } from '../../../kernel/actor';
import { newId, type TenantId, tenantIdOf } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { TenantUnknown, type Tenant, type TenantSettings, type TenantStatus } from '../contract';
import { ChangeTenantStatus } from './change-tenant-status';
import { EnsureTenant } from './ensure-tenant';
import { TenantStore } from './ports';
import { SettingsCache } from './settings-cache';

/** What other modules and the command line use of tenants. */
@Injectable()
export class Tenancy {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly tenants: TenantStore,
    private readonly ensureTenant: EnsureTenant,
    private readonly changeStatus: ChangeTenantStatus,
    private readonly settingsCache: SettingsCache,
  ) {}

  /** @throws InvalidTenantName */
  async create(name: string, actor: Actor = systemActor('installation')): Promise<Tenant> {
    return (await this.ensureTenant.execute(tenantIdOf(newId()), name, actor)).tenant;
  }

  /** The tenant of the transaction. @throws TenantUnknown */
  async current(tx: Tx): Promise<Tenant> {
    const tenant = await this.tenants.find(tx, this.uow.tenantOf(tx));
    if (!tenant) throw new TenantUnknown();
    return tenant;
  }

  /** Null when the tenant of the transaction does not exist. */
  async statusOf(tx: Tx): Promise<TenantStatus | null> {
    return (await this.tenants.find(tx, this.uow.tenantOf(tx)))?.status ?? null;
  }

  /**
   * Whether the tenant may pay. True stays true until the transaction ends: a suspension waits for it.
   */
  mayPay(tx: Tx): Promise<boolean> {
    return this.tenants.lockActive(tx, this.uow.tenantOf(tx));
  }

  /** For the system: which of these tenants are suspended. */
  async suspendedAmong(ids: readonly TenantId[]): Promise<ReadonlySet<TenantId>> {
    return new Set(
      ids.length ? await this.uow.runForSystem((tx) => this.tenants.suspendedAmong(tx, ids)) : [],
    );
  }

  /** In a transaction of the system. */
  async isSuspended(tx: Tx, id: TenantId): Promise<boolean> {
    return (await this.tenants.suspendedAmong(tx, [id])).length > 0;
  }

  bySlug(slug: string): Promise<TenantId | null> {
    return this.uow.runAcrossTenants((tx) => this.tenants.locate(tx, slug));
  }

  /** Created with defaults by the first read; two concurrent first reads return the same. */
  settingsOf(tx: Tx): Promise<TenantSettings> {
    return this.tenants.settings(tx, this.uow.tenantOf(tx));
  }

  /** As `settingsOf`, at most seconds old, to save a round trip. Not for approval limits. */
  cachedSettingsOf(tx: Tx): Promise<TenantSettings> {
    return this.settingsCache.load(this.uow.tenantOf(tx), () => this.settingsOf(tx));
  }

  /** @throws TenantUnknown */
  suspend(tx: Tx, reason: string, actor: Actor): Promise<void> {
    return this.changeStatus.execute(tx, 'suspended', reason, actor);
  }

  /** @throws TenantUnknown */
  reactivate(tx: Tx, reason: string, actor: Actor): Promise<void> {
    return this.changeStatus.execute(tx, 'active', reason, actor);
  }
}
