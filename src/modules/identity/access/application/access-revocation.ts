import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../../kernel/access-epochs';
import type { TenantId } from '../../../../kernel/ids';
import type { Tx } from '../../../../kernel/tx';
import { AuditTrail } from '../../../../platform/audit';
import type { Actor } from '../../../../kernel/actor';
import type { Role } from '../domain/roles';
import { InstallationLog } from './installation-log';
import { KnownKeys } from './known-keys';
import { type Belonging, PeopleStore } from '../../accounts/application/ports';
import { ApiKeyStore } from './ports';
import { RevokeKeysBehind } from './revoke-derived-keys';

/** What was done to a person, as the log and the trails call it. */
export interface Deed {
  readonly by: Actor;
  readonly action: string;
  /**
   * What is left to them in a tenant by their role there, if they have one; keys that may do more go. Absent:
   * no key goes.
   */
  readonly left?: (role: Role | null) => readonly string[];
  /** Whether they ran the installation until then, which lets them act in any tenant. */
  readonly everywhere?: boolean;
}

/**
 * Makes heard that somebody's access ended or changed: in the transaction that ends it, in every tenant they
 * are inside. A process that dies leaves nothing ended that was not heard of. Only what processes remember is
 * told afterwards, and lasts seconds.
 */
@Injectable()
export class AccessEnded {
  constructor(
    private readonly people: PeopleStore,
    private readonly keys: ApiKeyStore,
    private readonly revokeKeysBehind: RevokeKeysBehind,
    private readonly known: KnownKeys,
    private readonly log: InstallationLog,
    private readonly audit: AuditTrail,
    private readonly epochs: AccessEpochs,
  ) {}

  /** Last in its transaction of the system: as `keep`, and in the trail of each tenant. */
  async tell(tx: Tx, userId: string, deed: Deed): Promise<void> {
    const actorIn = await this.actorIn(tx, deed.by);
    for (const { tenantId } of await this.insideOf(tx, userId)) {
      await this.audit.recordIn(tx, tenantId, actorIn(tenantId), {
        action: deed.action,
        entity: { kind: 'user', id: userId },
      });
    }
    await this.keep(tx, userId, deed);
  }

  /**
   * In the log of the installation only: what somebody is there is no tenant's to know. That a key ends for
   * it is.
   */
  async keep(tx: Tx, userId: string, { by, action, left, everywhere = false }: Deed): Promise<void> {
    await this.log.add(tx, by, action, userId);
    // First: whoever is just making their first key in a tenant is waited for, and then it is known that they
    // stand behind one there.
    if (everywhere) await this.epochs.bumpInstallation(tx);
    if (!left) return this.raise(tx, userId);
    const inside = await this.insideOf(tx, userId);
    // Of tenants as well that they never belonged to. Before the keys are read: whoever is just giving one
    // there is waited for.
    await this.epochs.bumpIn(tx, [
      ...new Set([...inside.map(({ tenantId }) => tenantId), ...(await this.keys.tenantsBehind(tx, userId))]),
    ]);
    const leftIn = (tenant: TenantId) =>
      left(inside.find(({ tenantId }) => tenantId === tenant)?.role ?? null);
    await this.revokeKeysBehind.everywhere(
      tx,
      { of: userId, cause: action, leftIn },
      await this.actorIn(tx, by),
    );
  }

  /** Of what nobody keeps: that somebody left. */
  async raise(tx: Tx, userId: string): Promise<void> {
    await this.epochs.bumpIn(
      tx,
      (await this.insideOf(tx, userId)).map(({ tenantId }) => tenantId),
    );
  }

  /** First in the transaction that changes what somebody is in its tenant. @throws AccessChanged */
  begin(tx: Tx, known?: string): Promise<void> {
    return this.epochs.lock(tx, known);
  }

  /** Last in the transaction that changes what somebody is in its tenant. */
  inTenant(tx: Tx): Promise<void> {
    return this.epochs.bump(tx);
  }

  /** Once it is committed: whoever authenticates again from then on finds it so. */
  forget(userId: string): Promise<void> {
    return this.known.forgetId(userId);
  }

  private async insideOf(tx: Tx, userId: string): Promise<Belonging[]> {
    return (await this.people.belongingsOf(tx, userId)).filter(({ state }) => state === 'active');
  }

  /** Each tenant reads the name that it gave. */
  private async actorIn(tx: Tx, by: Actor): Promise<(tenant: TenantId) => Actor> {
    const theirs = by.id === null ? [] : await this.insideOf(tx, by.id);
    return (tenant) => ({ ...by, name: theirs.find(({ tenantId }) => tenantId === tenant)?.name ?? by.name });
  }
}
