import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import { UnitOfWork } from '../../../../kernel/tx';
import { systemActor } from '../../../../kernel/actor';
import type { CreatedApiKey } from '../../contract';
import { MakeApiKey } from './make-api-key';
import { RevokeApiKey } from './revoke-api-key';

/** Nobody stands behind the installation, and it may give what it likes. */
const INSTALLATION = { actor: systemActor('command line'), maker: { scopes: ['*'], actorChain: [] } };

/** What the installation does with keys by itself; callers come through the controller. */
@Injectable()
export class ApiKeys {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly makeApiKey: MakeApiKey,
    private readonly revokeApiKey: RevokeApiKey,
  ) {}

  /** The secret is in this answer and nowhere else. @throws InvalidApiKey, UnknownScope, TenantUnknown */
  create(
    tenant: TenantId,
    name: string,
    scopes: readonly string[],
    expiresAt: Date | null = null,
  ): Promise<CreatedApiKey> {
    return this.uow.run(tenant, (tx) =>
      this.makeApiKey.execute(tx, { name, scopes, expiresAt, rateLimitPerMinute: null, ...INSTALLATION }),
    );
  }

  /** @throws ApiKeyUnknown */
  async revoke(tenant: TenantId, id: string): Promise<void> {
    await this.uow.run(tenant, (tx) => this.revokeApiKey.execute(tx, id, INSTALLATION.actor));
  }
}
