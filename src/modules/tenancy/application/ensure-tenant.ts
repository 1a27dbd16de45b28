import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../kernel/access-epochs';
import type { Actor } from '../../../kernel/actor';
import type { TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import { TenantUnknown, type Tenant } from '../contract';
import { slugOf, tenantNameOf } from '../domain/tenant-name';
import { TenantStore } from './ports';

export interface EnsuredTenant {
  readonly tenant: Tenant;
  readonly isNew: boolean;
}

/** Creates a tenant with this id unless it exists, in a transaction of that tenant. */
@Injectable()
export class EnsureTenant {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly tenants: TenantStore,
    private readonly epochs: AccessEpochs,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * `epoch`: that of the installation with which a platform admin was authenticated. @throws
   * InvalidTenantName, AccessChanged
   */
  execute(id: TenantId, text: string, actor: Actor, epoch?: string): Promise<EnsuredTenant> {
    const name = tenantNameOf(text);
    const slug = slugOf(name, id);
    return this.uow.run(id, async (tx) => {
      if (epoch !== undefined) await this.epochs.lockInstallation(tx, epoch);
      const tenant = await this.tenants.add(tx, { id, name, slug, status: 'active' });
      if (!tenant) return { tenant: await this.existing(tx, id), isNew: false };
      await this.tenants.settings(tx, id);
      await this.audit.record(tx, actor, {
        action: 'tenant.created',
        entity: { kind: 'tenant', id },
        after: { name, slug },
      });
      return { tenant, isNew: true };
    });
  }

  private async existing(tx: Tx, id: TenantId): Promise<Tenant> {
    const tenant = await this.tenants.find(tx, id);
    if (!tenant) throw new TenantUnknown();
    return tenant;
  }
}
