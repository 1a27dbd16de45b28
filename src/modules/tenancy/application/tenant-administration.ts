import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../kernel/access-epochs';
import type { Actor } from '../../../kernel/actor';
import type { TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { IdempotencyKeyReused, type Tenant } from '../contract';
import { tenantIdFrom } from '../domain/tenant-id';
import { tenantNameOf } from '../domain/tenant-name';
import { type EnsuredTenant, EnsureTenant } from './ensure-tenant';
import { Tenancy } from './tenancy.facade';

/** A platform admin, and the installation's access epoch with which the admin was authenticated. */
export interface PlatformAdmin {
  readonly actor: Actor & { readonly id: string };
  readonly accessEpoch: string;
}

/**
 * What platform admins do with tenants, each in a transaction of that tenant. The epoch of the installation
 * proves that no platform admin was demoted or disabled since the request was authenticated; who they are is
 * identity's business.
 */
@Injectable()
export class TenantAdministration {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly epochs: AccessEpochs,
    private readonly ensureTenant: EnsureTenant,
    private readonly tenancy: Tenancy,
  ) {}

  /**
   * A repeat with the same key returns the tenant as it is now. @throws InvalidTenantName, AccessChanged,
   * IdempotencyKeyReused
   */
  async create(name: string, key: string, { actor, accessEpoch }: PlatformAdmin): Promise<EnsuredTenant> {
    const ensured = await this.ensureTenant.execute(tenantIdFrom(actor.id, key), name, actor, accessEpoch);
    if (ensured.tenant.name !== tenantNameOf(name)) throw new IdempotencyKeyReused();
    return ensured;
  }

  /** @throws TenantUnknown */
  find(id: TenantId): Promise<Tenant> {
    return this.uow.run(id, (tx) => this.tenancy.current(tx), { readOnly: true });
  }

  /** @throws TenantUnknown, AccessChanged */
  suspend(id: TenantId, reason: string, by: PlatformAdmin): Promise<Tenant> {
    return this.changed(id, by, (tx) => this.tenancy.suspend(tx, reason, by.actor));
  }

  /** @throws TenantUnknown, AccessChanged */
  reactivate(id: TenantId, reason: string, by: PlatformAdmin): Promise<Tenant> {
    return this.changed(id, by, (tx) => this.tenancy.reactivate(tx, reason, by.actor));
  }

  private changed(
    id: TenantId,
    { accessEpoch }: PlatformAdmin,
    change: (tx: Tx) => Promise<void>,
  ): Promise<Tenant> {
    return this.uow.run(id, async (tx) => {
      await this.epochs.lockInstallation(tx, accessEpoch);
      await change(tx);
      return this.tenancy.current(tx);
    });
  }
}
