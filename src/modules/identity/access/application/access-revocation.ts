import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../../kernel/access-epochs';
import type { Actor } from '../../../../kernel/actor';
import type { TenantId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { AuditTrail } from '../../../../platform/audit';
import { activeMemberships, type Membership } from '../domain/membership';
import type { Role } from '../domain/roles';
import { PrincipalCache } from './principal-cache';
import { ApiKeyStore, InstallationLogStore, UserMembershipStore } from './ports';
import { type AccessLoss, RevokeDerivedKeys } from './revoke-derived-keys';

/** A change of a user's access in the whole installation. */
export interface AccessChange {
  readonly by: Actor;
  /** As the audit logs name it. */
  readonly action: string;
  /**
   * The scopes that the user still has in a tenant, by the role there, if any. Derived keys with more scopes
   * are revoked. Absent: no key is revoked.
   */
  readonly scopesLeft?: (role: Role | null) => readonly string[];
  /** Whether the user was a platform admin until now, who may act in every tenant. */
  readonly inEveryTenant?: boolean;
}

/**
 * The one way in which access ends or changes, always in the transaction that changes it: derived keys are
 * revoked and the access epoch is bumped, so that every later write is rejected in every process. A process
 * that dies leaves nothing half done. Only the caches of principals are cleared after the commit; they expire
 * within seconds by themselves.
 */
@Injectable()
export class AccessRevocation {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly memberships: UserMembershipStore,
    private readonly keys: ApiKeyStore,
    private readonly revokeDerivedKeys: RevokeDerivedKeys,
    private readonly principalCache: PrincipalCache,
    private readonly log: InstallationLogStore,
    private readonly audit: AuditTrail,
    private readonly epochs: AccessEpochs,
  ) {}

  /** First in a transaction of a tenant that takes access away. @throws AccessChanged */
  lock(tx: Tx, epoch?: string): Promise<void> {
    return this.epochs.lock(tx, epoch);
  }

  /** In the transaction of a tenant in which a user or key loses scopes, after the lock. */
  async endInTenant(tx: Tx, loss: AccessLoss, actor: Actor): Promise<void> {
    await this.revokeDerivedKeys.inTenant(tx, loss, actor);
    await this.bumpTenant(tx, loss.of);
  }

  /** As `endInTenant`, where nothing is lost: derived keys stay, and the principal is authenticated again. */
  async bumpTenant(tx: Tx, principalId: string): Promise<void> {
    await this.epochs.bump(tx);
    this.uow.afterCommit(tx, () => this.evict(principalId));
  }

  /**
   * Last in a transaction of the system: writes the audit log of each tenant in which the user is active,
   * then as `recordInInstallation`.
   */
  async recordInTenants(tx: Tx, userId: string, change: AccessChange): Promise<void> {
    const actorIn = await this.actorIn(tx, change.by);
    for (const { tenantId } of await this.activeMembershipsOf(tx, userId)) {
      await this.audit.recordIn(tx, tenantId, actorIn(tenantId), {
        action: change.action,
        entity: { kind: 'user', id: userId },
      });
    }
    await this.recordInInstallation(tx, userId, change);
  }

  /**
   * Last in a transaction of the system: writes the audit log of the installation only, since what a user is
   * there is no tenant's business. That a key was revoked for it is recorded in the key's tenant.
   */
  async recordInInstallation(tx: Tx, userId: string, change: AccessChange): Promise<void> {
    const { by, action, scopesLeft, inEveryTenant = false } = change;
    await this.log.add(tx, by, action, userId);
    // First: it waits for a user who is just creating the first key in a tenant, and then finds that key.
    if (inEveryTenant) await this.epochs.bumpInstallation(tx);
    if (!scopesLeft) return this.bump(tx, userId);
    const active = await this.activeMembershipsOf(tx, userId);
    // Also in tenants that the user is no member of. Before the keys are read: it waits for a key that is
    // just being created.
    await this.epochs.bumpIn(tx, [
      ...new Set([
        ...active.map(({ tenantId }) => tenantId),
        ...(await this.keys.tenantsOfDerived(tx, userId)),
      ]),
    ]);
    const leftIn = (tenant: TenantId) =>
      scopesLeft(active.find(({ tenantId }) => tenantId === tenant)?.role ?? null);
    const loss = { of: userId, cause: action, leftIn };
    await this.revokeDerivedKeys.inAllTenants(tx, loss, await this.actorIn(tx, by));
  }

  /** In a transaction of the system, for a change that is not recorded: a sign-in ended. */
  async bump(tx: Tx, userId: string): Promise<void> {
    const active = await this.activeMembershipsOf(tx, userId);
    await this.epochs.bumpIn(
      tx,
      active.map(({ tenantId }) => tenantId),
    );
  }

  /** After the commit: this process authenticates the user or key again. */
  evict(principalId: string): Promise<void> {
    return this.principalCache.forgetId(principalId);
  }

  private async activeMembershipsOf(tx: Tx, userId: string): Promise<Membership[]> {
    return activeMemberships(await this.memberships.membershipsOf(tx, userId));
  }

  /** Each tenant reads the name that it gave the user. */
  private async actorIn(tx: Tx, by: Actor): Promise<(tenant: TenantId) => Actor> {
    const theirs = by.id === null ? [] : await this.activeMembershipsOf(tx, by.id);
    return (tenant) => ({ ...by, name: theirs.find(({ tenantId }) => tenantId === tenant)?.name ?? by.name });
  }
}
