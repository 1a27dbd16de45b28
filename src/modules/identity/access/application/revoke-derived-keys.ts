import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { AuditTrail, type AuditRecord } from '../../../../platform/audit';
import type { Actor } from '../../../../kernel/actor';
import { holds } from '../domain/scopes';
import { KnownKeys } from './known-keys';
import { ApiKeyStore, type KeyBehind } from './ports';

export interface AccessLost {
  /** The person, or the key, that has lost it. */
  readonly of: string;
  /** What was done, as the audit trail calls it. */
  readonly cause: string;
  /** What is left to them; keys that may no more than this stay. */
  readonly left: readonly string[];
}

export interface AccessLostEverywhere extends Pick<AccessLost, 'of' | 'cause'> {
  readonly leftIn: (tenant: TenantId) => AccessLost['left'];
}

/**
 * Whoever loses access may know the secrets of keys they made or rotated, and of keys that those made: such
 * keys go with it. To be called when the access epoch is held, so that none is just being made.
 */
@Injectable()
export class RevokeKeysBehind {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly keys: ApiKeyStore,
    private readonly audit: AuditTrail,
    private readonly known: KnownKeys,
  ) {}

  async execute(tx: Tx, { of, cause, left }: AccessLost, actor: Actor): Promise<void> {
    const tenant = this.uow.tenantOf(tx);
    const above = (await this.keys.lockBehind(tx, tenant, of)).filter(({ scopes }) => !holds(left, scopes));
    if (!above.length) return;
    await this.keys.revoke(
      tx,
      tenant,
      above.map(({ id }) => id),
    );
    await this.audit.record(tx, actor, ...above.map((key) => recordOf(key, cause, of)));
    this.forgetAfter(tx, above);
  }

  /** As the system, in every tenant: what ends for a person ends in one transaction. */
  async everywhere(
    tx: Tx,
    { of, cause, leftIn }: AccessLostEverywhere,
    actorIn: (tenant: TenantId) => Actor,
  ): Promise<void> {
    const above = (await this.keys.lockBehindEverywhere(tx, of)).filter(
      ({ tenantId, scopes }) => !holds(leftIn(tenantId), scopes),
    );
    if (!above.length) return;
    await this.keys.revokeBehind(
      tx,
      of,
      above.map(({ id }) => id),
    );
    for (const [tenant, keys] of byTenant(above))
      await this.audit.recordIn(tx, tenant, actorIn(tenant), ...keys.map((key) => recordOf(key, cause, of)));
    this.forgetAfter(tx, above);
  }

  private forgetAfter(tx: Tx, keys: readonly KeyBehind[]): void {
    this.uow.afterCommit(tx, async () => this.known.forgetIds(new Set(keys.map(({ id }) => id))));
  }
}

function byTenant(keys: readonly KeyBehind[]): ReadonlyMap<TenantId, readonly KeyBehind[]> {
  const found = new Map<TenantId, KeyBehind[]>();
  for (const key of keys) {
    const beside = found.get(key.tenantId);
    if (beside) beside.push(key);
    else found.set(key.tenantId, [key]);
  }
  return found;
}

function recordOf({ id, name, prefix }: KeyBehind, cause: string, of: string): AuditRecord {
  return {
    action: 'api_key.revoked',
    entity: { kind: 'api_key', id },
    before: { name, prefix },
    after: { cause, of },
  };
}
