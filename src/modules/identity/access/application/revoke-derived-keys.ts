import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../../kernel/actor';
import type { TenantId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { AuditTrail, type AuditRecord } from '../../../../platform/audit';
import { holds } from '../domain/scopes';
import { PrincipalCache } from './principal-cache';
import { ApiKeyStore, type DerivedKey } from './ports';

export interface AccessLoss {
  /** The user or key that loses access. */
  readonly of: string;
  /** The action that caused it, as the audit log names it. */
  readonly cause: string;
  /** The scopes that remain; derived keys with no more than these stay. */
  readonly left: readonly string[];
}

export interface AccessLossInAllTenants extends Pick<AccessLoss, 'of' | 'cause'> {
  readonly leftIn: (tenant: TenantId) => AccessLoss['left'];
}

/**
 * A user or key that loses access may know the secrets of keys that it created or rotated, and of keys
 * created by those: they are revoked with it. The access epoch must be locked, so that no such key is just
 * being created.
 */
@Injectable()
export class RevokeDerivedKeys {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly keys: ApiKeyStore,
    private readonly audit: AuditTrail,
    private readonly principalCache: PrincipalCache,
  ) {}

  async inTenant(tx: Tx, { of, cause, left }: AccessLoss, actor: Actor): Promise<void> {
    const tenant = this.uow.tenantOf(tx);
    const above = (await this.keys.lockDerived(tx, tenant, of)).filter(({ scopes }) => !holds(left, scopes));
    if (!above.length) return;
    await this.keys.revoke(tx, tenant, idsOf(above));
    await this.audit.record(tx, actor, ...above.map((key) => recordOf(key, cause, of)));
    this.evictAfterCommit(tx, above);
  }

  /** In one transaction of the system. */
  async inAllTenants(
    tx: Tx,
    { of, cause, leftIn }: AccessLossInAllTenants,
    actorIn: (tenant: TenantId) => Actor,
  ): Promise<void> {
    const above = (await this.keys.lockDerivedInAllTenants(tx, of)).filter(
      ({ tenantId, scopes }) => !holds(leftIn(tenantId), scopes),
    );
    if (!above.length) return;
    await this.keys.revokeDerived(tx, of, idsOf(above));
    for (const [tenant, keys] of byTenant(above))
      await this.audit.recordIn(tx, tenant, actorIn(tenant), ...keys.map((key) => recordOf(key, cause, of)));
    this.evictAfterCommit(tx, above);
  }

  private evictAfterCommit(tx: Tx, keys: readonly DerivedKey[]): void {
    this.uow.afterCommit(tx, async () => this.principalCache.forgetIds(new Set(idsOf(keys))));
  }
}

function idsOf(keys: readonly DerivedKey[]): string[] {
  return keys.map(({ id }) => id);
}

function byTenant(keys: readonly DerivedKey[]): ReadonlyMap<TenantId, readonly DerivedKey[]> {
  const found = new Map<TenantId, DerivedKey[]>();
  for (const key of keys) {
    const others = found.get(key.tenantId);
    if (others) others.push(key);
    else found.set(key.tenantId, [key]);
  }
  return found;
}

function recordOf({ id, name, prefix }: DerivedKey, cause: string, of: string): AuditRecord {
  return {
    action: 'api_key.revoked',
    entity: { kind: 'api_key', id },
    before: { name, prefix },
    after: { cause, of },
  };
}
