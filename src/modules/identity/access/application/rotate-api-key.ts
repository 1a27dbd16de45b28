import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../../kernel/access-epochs';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { AuditTrail } from '../../../../platform/audit';
import type { Actor } from '../../../../kernel/actor';
import { ApiKeyRevoked, ApiKeyUnknown, type CreatedApiKey, InvalidApiKey } from '../../contract';
import { OVERLAP_MAX_S } from '../domain/api-key';
import { hashOf, newSecret, prefixOf } from '../domain/api-key-secret';
import { type Grantor, refuseScopesAbove } from '../domain/scopes';
import { KnownKeys } from './known-keys';
import { ApiKeyStore } from './ports';

export interface RotateApiKeyCommand {
  readonly id: string;
  readonly overlapS: number;
  readonly rotator: Grantor;
  readonly actor: Actor;
}

/**
 * A new secret for the same key. Whoever rotates a key learns its secret, which is as good as making it: they
 * must hold its scopes, and stand behind it from now on.
 */
@Injectable()
export class RotateApiKey {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly keys: ApiKeyStore,
    private readonly epochs: AccessEpochs,
    private readonly audit: AuditTrail,
    private readonly known: KnownKeys,
  ) {}

  /** @throws ApiKeyUnknown, ApiKeyRevoked, ScopeNotHeld, InvalidApiKey */
  async execute(tx: Tx, { id, overlapS, rotator, actor }: RotateApiKeyCommand): Promise<CreatedApiKey> {
    if (!Number.isInteger(overlapS) || overlapS < 0 || overlapS > OVERLAP_MAX_S)
      throw new InvalidApiKey(`overlap_s must be 0 to ${OVERLAP_MAX_S}.`);
    const tenant = this.uow.tenantOf(tx);
    await this.epochs.lock(tx, rotator.accessEpoch);
    const key = await this.keys.lock(tx, tenant, id);
    if (!key) throw new ApiKeyUnknown();
    if (key.revokedAt) throw new ApiKeyRevoked();
    refuseScopesAbove(rotator, key.scopes);
    const secret = newSecret();
    const prefix = prefixOf(secret);
    const behind = [...new Set([...key.behind, ...rotator.actorChain])].filter((one) => one !== id);
    await this.keys.replaceSecret(tx, tenant, id, { prefix, secretHash: hashOf(secret), overlapS, behind });
    await this.audit.record(tx, actor, {
      action: 'api_key.rotated',
      entity: { kind: 'api_key', id },
      before: { prefix: key.prefix },
      after: { prefix, overlap_s: overlapS },
    });
    await this.epochs.bump(tx);
    this.uow.afterCommit(tx, () => this.known.forgetId(id));
    return { id, secret };
  }
}
