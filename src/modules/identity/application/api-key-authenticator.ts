import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../kernel/access-epochs';
import { UnitOfWork } from '../../../kernel/tx';
import { Authenticator, type Credentials, type PersonalPrincipal, type Principal } from '../../../platform/http';
import { Tenancy } from '../../tenancy';
import { TenantSuspended } from '../contract';
import type { ApiKey } from '../domain/api-key';
import { hashOf, isSecret } from '../domain/api-key-secret';
import { KnownKeys } from './known-keys';
import { ApiKeyStore } from './ports';

/** Unknown, revoked and expired are one answer: whoever tries keys learns nothing. */
@Injectable()
export class ApiKeyAuthenticator extends Authenticator {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly keys: ApiKeyStore,
    private readonly tenancy: Tenancy,
    private readonly known: KnownKeys,
    private readonly epochs: AccessEpochs,
  ) {
    super();
  }

  async authenticate({ apiKey }: Credentials): Promise<Principal | null> {
    if (apiKey === undefined || !isSecret(apiKey)) return null;
    const hash = hashOf(apiKey);
    return this.known.get(hash.toString('base64'), () => this.load(hash));
  }

  async forget(principal: Principal): Promise<void> {
    this.known.forget(principal);
  }

  /** Nobody yet: a key is no person. */
  async authenticatePerson(): Promise<PersonalPrincipal | null> {
    return null;
  }

  private async load(hash: Buffer): Promise<Principal | null> {
    const place = await this.uow.runForSystem((tx) => this.keys.locate(tx, hash));
    if (!place) return null;
    return this.uow.run(
      place.tenantId,
      async (tx) => {
        const accessEpoch = await this.epochs.current(tx);
        const key = await this.keys.findUsable(tx, place.tenantId, place.id);
        if (!key) return null;
        if ((await this.tenancy.statusOf(tx)) !== 'active') throw new TenantSuspended();
        return principalOf(key, accessEpoch);
      },
      { readOnly: true },
    );
  }
}

function principalOf(key: ApiKey, accessEpoch: string): Principal {
  return { tenantId: key.tenantId, kind: 'api_key', id: key.id, name: key.name, scopes: key.scopes, accessEpoch };
}
