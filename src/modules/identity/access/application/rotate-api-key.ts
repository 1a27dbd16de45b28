import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../../kernel/actor';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { AuditTrail } from '../../../../platform/audit';
import type { CreatedApiKey } from '../../contract';
import { OVERLAP_MAX_S } from '../domain/api-key';
import { newSecret, prefixOf } from '../domain/api-key-secret';
import { ApiKeyRevoked, ApiKeyUnknown, InvalidApiKey } from '../domain/errors';
import { type Grantor, refuseScopesAbove } from '../domain/scopes';
import { hashOf } from '../domain/secret-hash';
import { AccessRevocation } from './access-revocation';
import { ApiKeyStore } from './ports';

export interface RotateApiKeyCommand {
  readonly id: string;
  readonly overlapS: number;
  readonly rotator: Grantor;
  readonly actor: Actor;
}

/**
 * Gives the same key a new secret. The caller learns the secret, which is as good as creating the key: it
 * must have the key's scopes, and is in its actor chain from then on.
 */
@Injectable()
export class RotateApiKey {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly keys: ApiKeyStore,
    private readonly revocation: AccessRevocation,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws ApiKeyUnknown, ApiKeyRevoked, ScopeNotHeld, InvalidApiKey */
  async execute(tx: Tx, { id, overlapS, rotator, actor }: RotateApiKeyCommand): Promise<CreatedApiKey> {
    if (!Number.isInteger(overlapS) || overlapS < 0 || overlapS > OVERLAP_MAX_S)
      throw new InvalidApiKey(`overlap_s must be 0 to ${OVERLAP_MAX_S}.`);
    const tenant = this.uow.tenantOf(tx);
    await this.revocation.lock(tx, rotator.accessEpoch);
    const key = await this.keys.lock(tx, tenant, id);
    if (!key) throw new ApiKeyUnknown();
    if (key.revokedAt) throw new ApiKeyRevoked();
    refuseScopesAbove(rotator, key.scopes);
    const secret = newSecret();
    const prefix = prefixOf(secret);
    const actorChain = [...new Set([...key.actorChain, ...rotator.actorChain])].filter((one) => one !== id);
    await this.keys.replaceSecret(tx, tenant, id, {
      prefix,
      secretHash: hashOf(secret),
      overlapS,
      actorChain,
    });
    await this.audit.record(tx, actor, {
      action: 'api_key.rotated',
      entity: { kind: 'api_key', id },
      before: { prefix: key.prefix },
      after: { prefix, overlap_s: overlapS },
    });
    await this.revocation.bumpTenant(tx, id);
    return { id, secret };
  }
}
