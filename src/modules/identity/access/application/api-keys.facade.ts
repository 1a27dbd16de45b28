import { Injectable } from '@nestjs/common';
import { systemActor } from '../../../../kernel/actor';
import type { TenantId } from '../../../../kernel/ids';
import { UnitOfWork } from '../../../../kernel/tx';
import type { CreatedApiKey } from '../../contract';
import { CreateApiKey } from './create-api-key';
import { RevokeApiKey } from './revoke-api-key';

/** The command line has no user in its actor chain, and may give every scope. */
const INSTALLATION = { actor: systemActor('command line'), maker: { scopes: ['*'], actorChain: [] } };

/** What the command line does with keys; callers of the API use the controller. */
@Injectable()
export class ApiKeys {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly createApiKey: CreateApiKey,
    private readonly revokeApiKey: RevokeApiKey,
  ) {}

  /** The result holds the only copy of the secret. @throws InvalidApiKey, UnknownScope, TenantUnknown */
  create(
    tenant: TenantId,
    name: string,
    scopes: readonly string[],
    expiresAt: Date | null = null,
  ): Promise<CreatedApiKey> {
    return this.uow.run(tenant, (tx) =>
      this.createApiKey.execute(tx, { name, scopes, expiresAt, rateLimitPerMinute: null, ...INSTALLATION }),
    );
  }

  /** @throws ApiKeyUnknown */
  async revoke(tenant: TenantId, id: string): Promise<void> {
    await this.uow.run(tenant, (tx) => this.revokeApiKey.execute(tx, id, INSTALLATION.actor));
  }
}
