import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../../kernel/access-epochs';
import type { Actor } from '../../../../kernel/actor';
import type { TenantId } from '../../../../kernel/ids';
import type { Tx } from '../../../../kernel/tx';
import { Tenancy } from '../../../tenancy';
import { ApiKeyStore, UserMembershipStore } from '../../access/application/ports';
import { activeMemberships } from '../../access/domain/membership';
import { ScopeCatalogue } from '../../access/domain/scope-catalogue';
import { InvalidToken } from '../domain/errors';
import { type OneTimeToken, type Requester, UserStore } from './ports';

/**
 * The requester of a one-time token may still hold it, and may have lost the scopes to request it. So they
 * are checked when the token is used, instead of deleting tokens wherever access ends: no such place has to
 * know of tokens, and a key that has expired is covered too.
 */
@Injectable()
export class RequesterCheck {
  constructor(
    private readonly users: UserStore,
    private readonly memberships: UserMembershipStore,
    private readonly keys: ApiKeyStore,
    private readonly epochs: AccessEpochs,
    private readonly tenancy: Tenancy,
    private readonly catalogue: ScopeCatalogue,
  ) {}

  /**
   * In a transaction of the system, after the user was locked. What would end the requester's access waits
   * for the transaction. Returns the access epoch of the requester's tenant; null for a token of the command
   * line. @throws InvalidToken
   */
  async verify(tx: Tx, { requestedBy, grantedRole, requester }: OneTimeToken): Promise<string | null> {
    if (requestedBy === null) return null;
    const epoch = await this.epochs.lockIn(tx, requestedBy);
    // No one in a suspended tenant could request a token. It becomes valid again with the tenant.
    if (await this.tenancy.isSuspended(tx, requestedBy)) throw new InvalidToken();
    const held = requester && (await this.scopesOf(tx, requestedBy, requester));
    if (!held || grantedRole === null || !this.catalogue.mayLetIn(held, grantedRole))
      throw new InvalidToken();
    return epoch;
  }

  /** The actor chain of a key needs no check: a key is revoked with every member of its chain. */
  private async scopesOf(
    tx: Tx,
    tenant: TenantId,
    { kind, id }: Requester,
  ): Promise<readonly string[] | null> {
    if (kind === 'api_key') return this.keys.scopesOfUsable(tx, tenant, id);
    const account = await this.users.byId(tx, id);
    if (!account?.isActive) return null;
    const active = activeMemberships(await this.memberships.membershipsOf(tx, id));
    const here = active.find(({ tenantId }) => tenantId === tenant);
    return this.catalogue.inTenant(here?.role ?? null, account.isPlatformAdmin);
  }
}

/** Null for the command line, which has no access that could end. */
export function requesterOf({ kind, id }: Actor): Requester | null {
  return kind === 'system' || id === null ? null : { kind, id };
}
