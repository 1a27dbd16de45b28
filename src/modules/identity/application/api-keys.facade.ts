import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../kernel/access-epochs';
import { newId, type TenantId } from '../../../kernel/ids';
import { UnitOfWork } from '../../../kernel/tx';
import { Tenancy, TenantUnknown } from '../../tenancy';
import { ApiKeyUnknown, InvalidApiKey, type CreatedApiKey } from '../contract';
import { hashOf, newSecret, prefixOf } from '../domain/api-key-secret';
import { checkedScopes } from '../domain/scopes';
import { KnownKeys } from './known-keys';
import { ApiKeyStore } from './ports';

const NAME_MAX = 100;

@Injectable()
export class ApiKeys {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly keys: ApiKeyStore,
    private readonly tenancy: Tenancy,
    private readonly known: KnownKeys,
    private readonly epochs: AccessEpochs,
  ) {}

  /** The secret is in this answer and nowhere else. @throws InvalidApiKey, UnknownScope, TenantUnknown */
  async create(tenant: TenantId, name: string, scopes: readonly string[], expiresAt: Date | null = null): Promise<CreatedApiKey> {
    const trimmed = name.trim();
    if (trimmed.length === 0 || trimmed.length > NAME_MAX) throw new InvalidApiKey(`An API key is named by 1 to ${NAME_MAX} characters.`);
    if (scopes.length === 0) throw new InvalidApiKey('An API key without a scope can do nothing: name at least one.');
    const secret = newSecret();
    const key = { id: newId(), name: trimmed, prefix: prefixOf(secret), secretHash: hashOf(secret), scopes: checkedScopes(scopes), expiresAt };
    await this.uow.run(tenant, async (tx) => {
      if ((await this.tenancy.statusOf(tx)) === null) throw new TenantUnknown();
      await this.keys.add(tx, tenant, key);
    });
    return { id: key.id, secret };
  }

  /** Writes end at once, everywhere; reads at once in this process and within KNOWN_FOR_MS in the others. @throws ApiKeyUnknown */
  async revoke(tenant: TenantId, id: string): Promise<void> {
    await this.uow.run(tenant, async (tx) => {
      if (!(await this.keys.revoke(tx, tenant, id))) throw new ApiKeyUnknown();
      await this.epochs.raise(tx);
    });
    await this.known.forgetId(id);
  }
}
