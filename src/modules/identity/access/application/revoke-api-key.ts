import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../../kernel/actor';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { AuditTrail } from '../../../../platform/audit';
import { ApiKeyUnknown } from '../domain/errors';
import { AccessRevocation } from './access-revocation';
import { ApiKeyStore } from './ports';

/**
 * Revokes a key and the keys derived from it. Writes end at once in every process; reads end at once in this
 * process and within seconds in the others, when their cached principal expires.
 */
@Injectable()
export class RevokeApiKey {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly keys: ApiKeyStore,
    private readonly revocation: AccessRevocation,
    private readonly audit: AuditTrail,
  ) {}

  /** A repeat changes nothing; the time of the first revocation stays. @throws ApiKeyUnknown */
  async execute(tx: Tx, id: string, actor: Actor): Promise<void> {
    const tenant = this.uow.tenantOf(tx);
    await this.revocation.lock(tx);
    const key = await this.keys.lockWithDerived(tx, tenant, id);
    if (!key) throw new ApiKeyUnknown();
    if (key.revokedAt) return;
    await this.keys.revoke(tx, tenant, [id]);
    await this.audit.record(tx, actor, {
      action: 'api_key.revoked',
      entity: { kind: 'api_key', id },
      before: { name: key.name, prefix: key.prefix },
    });
    await this.revocation.endInTenant(tx, { of: id, cause: 'api_key.revoked', left: [] }, actor);
  }
}
