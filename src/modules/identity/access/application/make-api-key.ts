import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../../kernel/access-epochs';
import { newId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { AuditTrail } from '../../../../platform/audit';
import type { Actor } from '../../../../kernel/actor';
import { Tenancy, TenantUnknown } from '../../../tenancy';
import { InvalidApiKey, TooManyApiKeys, type CreatedApiKey } from '../../contract';
import { LIVING_MAX, NAME_MAX } from '../domain/api-key';
import { hashOf, newSecret, prefixOf } from '../domain/api-key-secret';
import { checkedScopes, type Grantor, refuseScopesAbove } from '../domain/scopes';
import { ApiKeyStore } from './ports';

export interface MakeApiKeyCommand {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date | null;
  readonly rateLimitPerMinute: number | null;
  readonly maker: Grantor;
  readonly actor: Actor;
}

@Injectable()
export class MakeApiKey {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly keys: ApiKeyStore,
    private readonly tenancy: Tenancy,
    private readonly epochs: AccessEpochs,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * The secret is in this answer and nowhere else. @throws InvalidApiKey, UnknownScope, ScopeNotHeld,
   * TenantUnknown, TooManyApiKeys
   */
  async execute(tx: Tx, command: MakeApiKeyCommand): Promise<CreatedApiKey> {
    const { maker, actor, expiresAt, rateLimitPerMinute } = command;
    const name = command.name.trim();
    if (name.length === 0 || name.length > NAME_MAX)
      throw new InvalidApiKey(`An API key is named by 1 to ${NAME_MAX} characters.`);
    if (command.scopes.length === 0)
      throw new InvalidApiKey('An API key without a scope can do nothing: name at least one.');
    const scopes = checkedScopes(command.scopes);
    refuseScopesAbove(maker, scopes);
    if ((await this.tenancy.statusOf(tx)) === null) throw new TenantUnknown();
    await this.epochs.lock(tx, maker.accessEpoch);
    // Held, so nobody else is making one here: many at once do not pass it together.
    if (!(await this.keys.roomFor(tx, this.uow.tenantOf(tx), LIVING_MAX)))
      throw new TooManyApiKeys(LIVING_MAX);
    const secret = newSecret();
    const id = newId();
    const prefix = prefixOf(secret);
    const createdBy = { kind: actor.kind, id: actor.id, name: actor.name };
    await this.keys.add(tx, this.uow.tenantOf(tx), {
      id,
      name,
      prefix,
      secretHash: hashOf(secret),
      scopes,
      behind: maker.actorChain,
      createdBy,
      rateLimitPerMinute,
      expiresAt,
    });
    await this.audit.record(tx, actor, {
      action: 'api_key.created',
      entity: { kind: 'api_key', id },
      after: { name, prefix, scopes, expires_at: expiresAt, rate_limit_per_minute: rateLimitPerMinute },
    });
    return { id, secret };
  }
}
