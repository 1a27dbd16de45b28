import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../kernel/access-epochs';
import { systemActor, type Actor } from '../../../kernel/actor';
import { newId, tenantIdOf, type TenantId } from '../../../kernel/ids';
import { UnitOfWork, type Tx } from '../../../kernel/tx';
import { AuditTrail, whatChanged } from '../../../platform/audit';
import {
  InvalidTenantName,
  TenantUnknown,
  type Tenant,
  type TenantSettings,
  type TenantStatus,
} from '../contract';
import { changed, shownSettings, type SettingsChange } from '../domain/settings';
import { Known } from './known';
import { TenantStore } from './ports';

const NAME_MAX = 200;

@Injectable()
export class Tenancy {
  private readonly known = new Known<TenantSettings>();

  constructor(
    private readonly uow: UnitOfWork,
    private readonly tenants: TenantStore,
    private readonly epochs: AccessEpochs,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws InvalidTenantName */
  async create(name: string, actor: Actor = systemActor('installation')): Promise<Tenant> {
    return (await this.ensure(tenantIdOf(newId()), name, actor)).tenant;
  }

  /**
   * Opens its own transaction: a tenant is made inside its own wall, by nobody else's. One that is there
   * stays as it is. @throws InvalidTenantName, AccessChanged
   */
  ensure(
    id: TenantId,
    name: string,
    actor: Actor,
    known?: string,
  ): Promise<{ tenant: Tenant; isNew: boolean }> {
    const tidied = tidy(name);
    const slug = slugOf(tidied, id);
    return this.uow.run(id, async (tx) => {
      if (known !== undefined) await this.epochs.lockInstallation(tx, known);
      const tenant = await this.tenants.add(tx, { id, name: tidied, slug, status: 'active' });
      if (!tenant) return { tenant: await this.found(tx), isNew: false };
      await this.tenants.settings(tx, id);
      await this.audit.record(tx, actor, {
        action: 'tenant.created',
        entity: { kind: 'tenant', id },
        after: { name: tidied, slug },
      });
      return { tenant, isNew: true };
    });
  }

  /** The tenant of the transaction. @throws TenantUnknown */
  async found(tx: Tx): Promise<Tenant> {
    const tenant = await this.tenants.find(tx, this.uow.tenantOf(tx));
    if (!tenant) throw new TenantUnknown();
    return tenant;
  }

  /** Null when the tenant of the transaction does not exist. */
  async statusOf(tx: Tx): Promise<TenantStatus | null> {
    return (await this.tenants.find(tx, this.uow.tenantOf(tx)))?.status ?? null;
  }

  /**
   * False when the tenant may not pay. True stays true until the transaction ends: whoever suspends the
   * tenant waits for that.
   */
  mayPay(tx: Tx): Promise<boolean> {
    return this.tenants.holdActive(tx, this.uow.tenantOf(tx));
  }

  /** Which of these are suspended, for the system. */
  async suspendedAmong(ids: readonly TenantId[]): Promise<ReadonlySet<TenantId>> {
    return new Set(
      ids.length ? await this.uow.runForSystem((tx) => this.tenants.suspendedAmong(tx, ids)) : [],
    );
  }

  /** For a transaction of the system. */
  async isSuspended(tx: Tx, id: TenantId): Promise<boolean> {
    return (await this.tenants.suspendedAmong(tx, [id])).length > 0;
  }

  /** For what knows a tenant by its address only. */
  bySlug(slug: string): Promise<TenantId | null> {
    return this.uow.runAcrossTenants((tx) => this.tenants.locate(tx, slug));
  }

  /** Settings are made on first read; two first reads at once read the same. */
  settingsOf(tx: Tx): Promise<TenantSettings> {
    return this.tenants.settings(tx, this.uow.tenantOf(tx));
  }

  /**
   * As `settingsOf`, seconds old at most, where a round trip counts. Not for what asks for a second person.
   */
  knownSettingsOf(tx: Tx): Promise<TenantSettings> {
    return this.known.get(this.uow.tenantOf(tx), () => this.settingsOf(tx));
  }

  /** @throws InvalidCurrency, InvalidAmount, InvalidTenantSettings */
  async changeSettings(tx: Tx, change: SettingsChange, actor: Actor): Promise<TenantSettings> {
    const id = this.uow.tenantOf(tx);
    const before = await this.tenants.lockSettings(tx, id);
    const settings = changed(before, change);
    await this.tenants.setSettings(tx, id, settings);
    this.uow.afterCommit(tx, async () => this.known.forget(id));
    const entity = { kind: 'tenant_settings', id };
    await this.audit.record(tx, actor, {
      action: 'tenant_settings.changed',
      entity,
      ...whatChanged(shownSettings(before), shownSettings(settings)),
    });
    return settings;
  }

  /**
   * Nobody of it writes any more once this is committed; reads end within seconds. Saying it twice changes
   * nothing. @throws TenantUnknown
   */
  suspend(tx: Tx, reason: string, actor: Actor): Promise<void> {
    return this.setStatus(tx, 'suspended', reason, actor);
  }

  /** @throws TenantUnknown */
  reactivate(tx: Tx, reason: string, actor: Actor): Promise<void> {
    return this.setStatus(tx, 'active', reason, actor);
  }

  private async setStatus(tx: Tx, status: TenantStatus, reason: string, actor: Actor): Promise<void> {
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

/** @throws InvalidTenantName */
export function tidy(name: string): string {
  const tidied = name.trim().normalize('NFC');
  if (tidied.length === 0 || tidied.length > NAME_MAX) throw new InvalidTenantName();
  return tidied;
}

/**
 * Ends in the id's random part: a unique index over all tenants would tell one tenant the names of others.
 */
function slugOf(name: string, id: string): string {
  const words = name
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return `${words || 'tenant'}-${id.slice(-12)}`;
}
