import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../kernel/access-epochs';
import type { Actor } from '../../../kernel/actor';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import { TenantUnknown, type TenantStatus } from '../contract';
import { TenantStore } from './ports';

/**
 * Suspends or reactivates the tenant of the transaction. Once a suspension is committed, every write of the
 * tenant is rejected, since the access epoch has changed; reads end within seconds.
 */
@Injectable()
export class ChangeTenantStatus {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly tenants: TenantStore,
    private readonly epochs: AccessEpochs,
    private readonly audit: AuditTrail,
  ) {}

  /** A repeat changes nothing. @throws TenantUnknown */
  async execute(tx: Tx, status: TenantStatus, reason: string, actor: Actor): Promise<void> {
    const id = this.uow.tenantOf(tx);
    const before = await this.tenants.changeStatus(tx, id, status);
    if (before === null) throw new TenantUnknown();
    if (before === status) return;
    const action = status === 'active' ? 'tenant.reactivated' : 'tenant.suspended';
    await this.audit.record(tx, actor, {
      action,
      entity: { kind: 'tenant', id },
      before: { status: before },
      after: { status, reason },
    });
    await this.epochs.bump(tx);
  }
}
