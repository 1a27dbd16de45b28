import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../kernel/access-epochs';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { AuditTrail, type AuditRecord } from '../../../platform/audit';
import type { Actor } from '../../../platform/http';
import { KnownKeys } from './known-keys';
import { PeopleStore } from './people.ports';
import { ApiKeyStore } from './ports';
import { RevokeKeysBehind } from './revoke-keys-behind';

/**
 * Makes heard that somebody's access ended or changed. Called when that is committed: whoever authenticates again from then on
 * finds it so. The person's own rows and those of tenants are written under two logins, hence in two transactions.
 */
@Injectable()
export class AccessEnded {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly people: PeopleStore,
    private readonly keys: ApiKeyStore,
    private readonly revoking: RevokeKeysBehind,
    private readonly known: KnownKeys,
    private readonly audit: AuditTrail,
    private readonly epochs: AccessEpochs,
  ) {}

  /** In every tenant the person belongs to, with a record of what was done if something is to be told. */
  async tell(userId: string, done?: { by: Actor; record: AuditRecord }): Promise<void> {
    await this.known.forgetId(userId);
    const belongings = await this.uow.runWithoutTenant((tx) => this.people.belongingsOf(tx, userId));
    for (const { tenantId } of belongings) {
      await this.uow.run(tenantId, async (tx) => {
        if (done) await this.audit.record(tx, done.by, done.record);
        await this.epochs.raise(tx);
      });
    }
  }

  /** As `tell`, and the keys that the person stands behind go too, in tenants as well that they never belonged to. */
  async tellShutOut(userId: string, by: Actor): Promise<void> {
    const record = { action: 'user.disabled', entity: { kind: 'user', id: userId } };
    await this.known.forgetId(userId);
    const tenants = await this.uow.runForSystem(async (tx) => {
      const belongings = await this.people.belongingsOf(tx, userId);
      return new Set([...belongings.map(({ tenantId }) => tenantId), ...(await this.keys.tenantsBehind(tx, userId))]);
    });
    for (const tenantId of tenants) {
      await this.uow.run(tenantId, async (tx) => {
        await this.epochs.hold(tx);
        await this.audit.record(tx, by, record);
        await this.revoking.run(tx, { of: userId, cause: record.action, left: [] }, by);
        await this.epochs.raise(tx);
      });
    }
  }

  /** First in the transaction that changes what somebody is in its tenant. @throws AccessChanged */
  begin(tx: Tx, known?: string): Promise<void> {
    return this.epochs.hold(tx, known);
  }

  /** Last in the transaction that changes what somebody is in its tenant. */
  inTenant(tx: Tx): Promise<void> {
    return this.epochs.raise(tx);
  }

  forget(userId: string): Promise<void> {
    return this.known.forgetId(userId);
  }
}
