import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../../kernel/access-epochs';
import type { Actor } from '../../../../kernel/actor';
import { newId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { AuditTrail } from '../../../../platform/audit';
import { Tenancy, TenantUnknown } from '../../../tenancy';
import type { CreatedApiKey } from '../../contract';
import { NAME_MAX, USABLE_MAX } from '../domain/api-key';
import { newSecret, prefixOf } from '../domain/api-key-secret';
import { InvalidApiKey, TooManyApiKeys } from '../domain/errors';
import { ScopeCatalogue } from '../domain/scope-catalogue';
import { type Grantor, refuseScopesAbove } from '../domain/scopes';
import { hashOf } from '../domain/secret-hash';
import { ApiKeyStore } from './ports';

export interface CreateApiKeyCommand {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date | null;
  readonly rateLimitPerMinute: number | null;
  readonly maker: Grantor;
  readonly actor: Actor;
}

@Injectable()
export class CreateApiKey {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly keys: ApiKeyStore,
    private readonly tenancy: Tenancy,
    private readonly epochs: AccessEpochs,
    private readonly audit: AuditTrail,
    private readonly catalogue: ScopeCatalogue,
  ) {}

  /**
   * The result holds the only copy of the secret. @throws InvalidApiKey, UnknownScope, ScopeNotHeld,
   * TenantUnknown, TooManyApiKeys
   */
  async execute(tx: Tx, command: CreateApiKeyCommand): Promise<CreatedApiKey> {
    const { maker, actor, expiresAt, rateLimitPerMinute } = command;
    const name = checkedName(command);
    const scopes = this.catalogue.check(command.scopes);
    refuseScopesAbove(maker, scopes);
    if ((await this.tenancy.statusOf(tx)) === null) throw new TenantUnknown();
    await this.epochs.lock(tx, maker.accessEpoch);
    // Under the lock, so that concurrent requests cannot exceed the limit together.
    if (!(await this.keys.hasRoom(tx, this.uow.tenantOf(tx), USABLE_MAX)))
      throw new TooManyApiKeys(USABLE_MAX);
    const secret = newSecret();
    const id = newId();
    const prefix = prefixOf(secret);
    await this.keys.add(tx, this.uow.tenantOf(tx), {
      id,
      name,
      prefix,
      secretHash: hashOf(secret),
      scopes,
      actorChain: maker.actorChain,
      createdBy: { kind: actor.kind, id: actor.id, name: actor.name },
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

function checkedName(command: CreateApiKeyCommand): string {
  const name = command.name.trim();
  if (name.length === 0 || name.length > NAME_MAX)
    throw new InvalidApiKey(`The name of an API key has 1 to ${NAME_MAX} characters.`);
  if (command.scopes.length === 0) throw new InvalidApiKey('An API key needs at least one scope.');
  return name;
}
