import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import type { Actor } from '../../../platform/http';
import { holds } from '../domain/scopes';
import { KnownKeys } from './known-keys';
import { ApiKeyStore } from './ports';

export interface AccessLost {
  /** The person, or the key, that has lost it. */
  readonly of: string;
  /** What was done, as the audit trail calls it. */
  readonly cause: string;
  /** What is left to them; keys that may no more than this stay. */
  readonly left: readonly string[];
}

/**
 * Whoever loses access may know the secrets of keys they made or rotated, and of keys that those made: such keys go with it.
 * To be called when the access epoch is held, so that none is just being made.
 */
@Injectable()
export class RevokeKeysBehind {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly keys: ApiKeyStore,
    private readonly audit: AuditTrail,
    private readonly known: KnownKeys,
  ) {}

  async run(tx: Tx, { of, cause, left }: AccessLost, actor: Actor): Promise<void> {
    const tenant = this.uow.tenantOf(tx);
    const above = (await this.keys.lockBehind(tx, tenant, of)).filter(({ scopes }) => !holds(left, scopes));
    if (!above.length) return;
    await this.keys.revoke(tx, tenant, above.map(({ id }) => id));
    const records = above.map(({ id, name, prefix }) => ({ action: 'api_key.revoked', entity: { kind: 'api_key', id }, before: { name, prefix }, after: { cause, of } }));
    await this.audit.record(tx, actor, ...records);
    this.uow.afterCommit(tx, async () => {
      for (const { id } of above) await this.known.forgetId(id);
    });
  }
}
