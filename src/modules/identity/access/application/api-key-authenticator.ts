import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../../kernel/access-epochs';
import { UnitOfWork } from '../../../../kernel/tx';
import type { Principal } from '../../../../kernel/principal';
import { Tenancy } from '../../../tenancy';
import type { UsableKey } from '../domain/api-key';
import { isSecret } from '../domain/api-key-secret';
import { TenantSuspended } from '../domain/errors';
import { hashOf } from '../domain/secret-hash';
import { KeyUsage } from './key-usage';
import { type Admitted, PrincipalCache } from './principal-cache';
import { ApiKeyStore } from './ports';

/** Unknown, revoked and expired are one answer: whoever tries keys learns nothing. */
@Injectable()
export class ApiKeyAuthenticator {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly keys: ApiKeyStore,
    private readonly tenancy: Tenancy,
    private readonly principalCache: PrincipalCache,
    private readonly epochs: AccessEpochs,
    private readonly usage: KeyUsage,
  ) {}

  async authenticate(apiKey: string): Promise<Principal | null> {
    if (!isSecret(apiKey)) return null;
    const hash = hashOf(apiKey);
    const principal = await this.principalCache.get(hash.toString('base64'), () => this.load(hash));
    if (principal) this.usage.count(principal);
    return principal;
  }

  private async load(hash: Buffer): Promise<Admitted | null> {
    const place = await this.uow.runAcrossTenants((tx) => this.keys.locate(tx, hash));
    if (!place) return null;
    return this.uow.run(
      place.tenantId,
      async (tx) => {
        const accessEpoch = await this.epochs.current(tx);
        const key = await this.keys.findUsable(tx, place.tenantId, place.id, hash);
        if (!key) return null;
        if ((await this.tenancy.statusOf(tx)) !== 'active') throw new TenantSuspended();
        return { principal: principalOf(key, accessEpoch), forMs: key.usableForMs };
      },
      { readOnly: true },
    );
  }
}

function principalOf(
  { tenantId, id, name, scopes, actorChain, createdAt, rateLimitPerMinute }: UsableKey,
  accessEpoch: string,
): Principal {
  return {
    tenantId,
    kind: 'api_key',
    id,
    name,
    scopes,
    actorChain: [id, ...actorChain],
    since: createdAt,
    rateLimitPerMinute,
    accessEpoch,
  };
}
