import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../kernel/access-epochs';
import type { Actor } from '../../../kernel/actor';
import type { TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { IdempotencyKeyReused, type Tenant } from '../contract';
import { tenantIdFrom } from '../domain/tenant-id';
import { Tenancy, tidy } from './tenancy.facade';

/** A person who runs the installation, and its access epoch under which they were let in. */
export interface Runner {
  readonly actor: Actor & { readonly id: string };
  readonly accessEpoch: string;
}

/**
 * What people who run the installation do with tenants. Each is done inside the wall of the tenant it is done
 * to, and only while they run the installation still: who they are is another module's to know, that nobody
 * of them has ended is what the epoch tells.
 */
@Injectable()
export class RunTenants {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly epochs: AccessEpochs,
    private readonly tenancy: Tenancy,
  ) {}

  /**
   * A repeat answers the tenant as it is now. @throws InvalidTenantName, AccessChanged, IdempotencyKeyReused
   * `idempotency_key_reused`
   */
  async create(
    name: string,
    key: string,
    { actor, accessEpoch }: Runner,
  ): Promise<{ tenant: Tenant; isNew: boolean }> {
    const ensured = await this.tenancy.ensure(tenantIdFrom(actor.id, key), name, actor, accessEpoch);
    if (ensured.tenant.name !== tidy(name)) throw new IdempotencyKeyReused();
    return ensured;
  }

  /** @throws TenantUnknown */
  one(id: TenantId): Promise<Tenant> {
    return this.uow.run(id, (tx) => this.tenancy.found(tx), { readOnly: true });
  }

  /** @throws TenantUnknown, AccessChanged */
  suspend(id: TenantId, reason: string, by: Runner): Promise<Tenant> {
    return this.acting(id, by, (tx) => this.tenancy.suspend(tx, reason, by.actor));
  }

  /** @throws TenantUnknown, AccessChanged */
  reactivate(id: TenantId, reason: string, by: Runner): Promise<Tenant> {
    return this.acting(id, by, (tx) => this.tenancy.reactivate(tx, reason, by.actor));
  }

  private acting(id: TenantId, { accessEpoch }: Runner, act: (tx: Tx) => Promise<void>): Promise<Tenant> {
    return this.uow.run(id, async (tx) => {
      await this.epochs.lockInstallation(tx, accessEpoch);
      await act(tx);
      return this.tenancy.found(tx);
    });
  }
}
