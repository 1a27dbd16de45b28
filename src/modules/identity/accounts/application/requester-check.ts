import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../../kernel/access-epochs';
import type { TenantId } from '../../../../kernel/ids';
import type { Tx } from '../../../../kernel/tx';
import type { Actor } from '../../../../kernel/actor';
import { Tenancy } from '../../../tenancy';
import { InvalidToken } from '../../contract';
import { mayLetIn, scopesInTenant } from '../../access/domain/roles';
import { type Asker, type OneTimeToken, PeopleStore } from './ports';
import { ApiKeyStore } from '../../access/application/ports';

/**
 * Whoever asked for a token may hold it still, and may have lost since what let them ask: it is worth what
 * they could ask for at the moment of its use. Asked then, instead of ending tokens wherever access ends: so
 * no way of losing it has to know of them, and a key that is over by its own date counts too.
 */
@Injectable()
export class Askers {
  constructor(
    private readonly people: PeopleStore,
    private readonly keys: ApiKeyStore,
    private readonly epochs: AccessEpochs,
    private readonly tenancy: Tenancy,
  ) {}

  /**
   * As the system, once the person is locked. Whoever ends the asker's access waits until the transaction
   * does. Answers the access epoch of their tenant; null for a token of the installation, which nobody stands
   * behind. @throws InvalidToken
   */
  async hold(tx: Tx, { askedBy, askedOf, asker }: OneTimeToken): Promise<string | null> {
    if (askedBy === null) return null;
    const epoch = await this.epochs.lockIn(tx, askedBy);
    // Nobody of it could ask for anything now; once it is active again the token stands.
    if (await this.tenancy.isSuspended(tx, askedBy)) throw new InvalidToken();
    const held = asker && (await this.scopesOf(tx, askedBy, asker));
    if (!held || askedOf === null || !mayLetIn(held, askedOf)) throw new InvalidToken();
    return epoch;
  }

  /** Who stands behind a key need not be asked about: what ends for them ends the key. */
  private async scopesOf(tx: Tx, tenant: TenantId, { kind, id }: Asker): Promise<readonly string[] | null> {
    if (kind === 'api_key') return this.keys.scopesOfUsable(tx, tenant, id);
    const account = await this.people.byId(tx, id);
    if (!account?.isActive) return null;
    const belongings = await this.people.belongingsOf(tx, id);
    const here = belongings.find(({ tenantId, state }) => tenantId === tenant && state === 'active');
    return scopesInTenant(here?.role ?? null, account.isPlatformAdmin);
  }
}

/** Null for the command line: nobody is behind it whose access could end. */
export function askerOf({ kind, id }: Actor): Asker | null {
  return kind === 'system' || id === null ? null : { kind, id };
}
