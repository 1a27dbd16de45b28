import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/actor';
import { UnitOfWork, type Tx } from '../../../kernel/tx';
import { AuditTrail, whatChanged } from '../../../platform/audit';
import type { Branding } from '../contract';
import { shownBranding } from '../domain/branding';
import { BrandingStore } from './ports';

@Injectable()
export class TenantBranding {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly brandings: BrandingStore,
    private readonly audit: AuditTrail,
  ) {}

  /** Created by the first read; two concurrent first reads return the same. @throws TenantUnknown */
  read(tx: Tx): Promise<Branding> {
    return this.brandings.read(tx, this.uow.tenantOf(tx));
  }

  /** @throws TenantUnknown */
  async replace(tx: Tx, branding: Branding, actor: Actor): Promise<Branding> {
    const id = this.uow.tenantOf(tx);
    const before = await this.brandings.lock(tx, id);
    const changes = whatChanged(shownBranding(before), shownBranding(branding));
    if (Object.keys(changes.after).length === 0) return before;
    await this.brandings.replace(tx, id, branding);
    await this.audit.record(tx, actor, {
      action: 'tenant_branding.changed',
      entity: { kind: 'tenant_branding', id },
      ...changes,
    });
    return branding;
  }
}
