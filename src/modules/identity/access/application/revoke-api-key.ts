import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../../kernel/access-epochs';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { AuditTrail } from '../../../../platform/audit';
import type { Actor } from '../../../../kernel/actor';
import { ApiKeyUnknown } from '../../contract';
import { KnownKeys } from './known-keys';
import { ApiKeyStore } from './ports';
import { RevokeKeysBehind } from './revoke-derived-keys';

/**
 * The keys that it made go with it. Writes end at once, everywhere; reads at once in this process and within
 * KNOWN_FOR_MS in the others.
 */
@Injectable()
export class RevokeApiKey {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly keys: ApiKeyStore,
    private readonly epochs: AccessEpochs,
    private readonly audit: AuditTrail,
    private readonly known: KnownKeys,
    private readonly behind: RevokeKeysBehind,
  ) {}

  /** Saying it twice changes nothing; the first moment stays. @throws ApiKeyUnknown */
  async execute(tx: Tx, id: string, actor: Actor): Promise<void> {
    const tenant = this.uow.tenantOf(tx);
    await this.epochs.lock(tx);
    const key = await this.keys.lockWithBehind(tx, tenant, id);
    if (!key) throw new ApiKeyUnknown();
    if (key.revokedAt) return;
    await this.keys.revoke(tx, tenant, [id]);
    await this.audit.record(tx, actor, {
      action: 'api_key.revoked',
      entity: { kind: 'api_key', id },
      before: { name: key.name, prefix: key.prefix },
    });
    await this.behind.execute(tx, { of: id, cause: 'api_key.revoked', left: [] }, actor);
    await this.epochs.bump(tx);
    this.uow.afterCommit(tx, () => this.known.forgetId(id));
  }
}
