import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/actor';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { AuditTrail, whatChanged } from '../../../platform/audit';
import type { TenantSettings } from '../contract';
import { changed, type SettingsChange, shownSettings } from '../domain/settings';
import { TenantStore } from './ports';
import { SettingsCache } from './settings-cache';

@Injectable()
export class ChangeTenantSettings {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly tenants: TenantStore,
    private readonly cache: SettingsCache,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws InvalidCurrency, InvalidAmount, InvalidTenantSettings */
  async execute(tx: Tx, change: SettingsChange, actor: Actor): Promise<TenantSettings> {
    const id = this.uow.tenantOf(tx);
    const before = await this.tenants.lockSettings(tx, id);
    const settings = changed(before, change);
    await this.tenants.setSettings(tx, id, settings);
    this.uow.afterCommit(tx, async () => this.cache.invalidate(id));
    await this.audit.record(tx, actor, {
      action: 'tenant_settings.changed',
      entity: { kind: 'tenant_settings', id },
      ...whatChanged(shownSettings(before), shownSettings(settings)),
    });
    return settings;
  }
}
