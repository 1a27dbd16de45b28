import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/actor';
import type { TenantId } from '../../../kernel/ids';
import { UnitOfWork } from '../../../kernel/tx';
import { keyReused } from '../../../platform/http';
import type { Tenant } from '../contract';
import { tenantIdFrom } from '../domain/tenant-id';
import { Tenancy, tidy } from './tenancy.facade';

/** What people who run the installation do with tenants. Each is done inside the wall of the tenant it is done to. */
@Injectable()
export class RunTenants {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly tenancy: Tenancy,
  ) {}

  /** A repeat answers the tenant as it is now. @throws InvalidTenantName, HttpProblem `idempotency_key_reused` */
  async create(name: string, key: string, actor: Actor & { readonly id: string }): Promise<{ tenant: Tenant; isNew: boolean }> {
    const ensured = await this.tenancy.ensure(tenantIdFrom(actor.id, key), name, actor);
    if (ensured.tenant.name !== tidy(name)) throw keyReused();
    return ensured;
  }

  /** @throws TenantUnknown */
  one(id: TenantId): Promise<Tenant> {
    return this.uow.run(id, (tx) => this.tenancy.found(tx), { readOnly: true });
  }

  /** @throws TenantUnknown */
  suspend(id: TenantId, reason: string, actor: Actor): Promise<Tenant> {
    return this.uow.run(id, async (tx) => {
      await this.tenancy.suspend(tx, reason, actor);
      return this.tenancy.found(tx);
    });
  }

  /** @throws TenantUnknown */
  reactivate(id: TenantId, reason: string, actor: Actor): Promise<Tenant> {
    return this.uow.run(id, async (tx) => {
      await this.tenancy.reactivate(tx, reason, actor);
      return this.tenancy.found(tx);
    });
  }
}
