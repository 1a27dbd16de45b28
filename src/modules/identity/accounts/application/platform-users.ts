import { Injectable } from '@nestjs/common';
import { AccessChanged, AccessEpochs } from '../../../../kernel/access-epochs';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import type { Actor } from '../../../../kernel/actor';
import type { PageWindow } from '../../../../kernel/page-window';
import { LastPlatformAdmin, MemberUnknown } from '../../contract';
import { foldedEmail } from '../domain/email';
import { type Role, scopesInTenant } from '../../access/domain/roles';
import { AccessEnded } from '../../access/application/access-revocation';
import {
  type Account,
  type ListedPerson,
  PeopleStore,
  RefreshStore,
  SessionStore,
  type Standing,
} from './ports';

/** Nobody is made an administrator this way: whoever has the account now may not be whom it is meant for. */
export interface StandingChange {
  readonly isActive?: boolean | undefined;
  readonly isPlatformAdmin?: false | undefined;
}

/** What people are in the whole installation. */
@Injectable()
export class PlatformUsers {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly people: PeopleStore,
    private readonly sessions: SessionStore,
    private readonly refreshes: RefreshStore,
    private readonly ended: AccessEnded,
    private readonly epochs: AccessEpochs,
  ) {}

  list(
    filters: { email: string | undefined; isPlatformAdmin: boolean | undefined },
    window: PageWindow,
  ): Promise<ListedPerson[]> {
    const emailFolded = filters.email === undefined ? undefined : foldedEmail(filters.email);
    return this.uow.runAcrossTenants((tx) =>
      this.people.list(tx, { emailFolded, isPlatformAdmin: filters.isPlatformAdmin }, window),
    );
  }

  /**
   * Everything the person has open ends at once, and so do the keys that may do more than what is left to
   * them. `accessEpoch`: that of the installation under which whoever does this was let in; absent for the
   * command line. @throws MemberUnknown, LastPlatformAdmin, AccessChanged
   */
  async change(userId: string, to: StandingChange, by: Actor, accessEpoch?: string): Promise<void> {
    await this.uow.runAcrossTenants(async (tx) => {
      const admins = await this.people.lockPlatformAdmins(tx);
      // Of two who end each other, the second has lost by now what let them in.
      if (by.kind === 'user' && !admins.some((id) => id === by.id)) throw new AccessChanged();
      // Whatever ended what they came in with was done under their lock, and raised this.
      if (accessEpoch !== undefined && (await this.epochs.currentOfInstallation(tx)) !== accessEpoch)
        throw new AccessChanged();
      const account = await this.people.lock(tx, userId);
      if (!account) throw new MemberUnknown();
      const next = {
        isActive: to.isActive ?? account.isActive,
        isPlatformAdmin: to.isPlatformAdmin ?? account.isPlatformAdmin,
      };
      if (admins.length === 1 && admins[0] === userId && !(next.isActive && next.isPlatformAdmin))
        throw new LastPlatformAdmin();
      await this.move(tx, account, next, by);
    });
    await this.ended.forget(userId);
  }

  /** What is so already is not done again, and nothing ends by it. */
  private async move(tx: Tx, account: Account, next: Standing, by: Actor): Promise<void> {
    const isDemoted = account.isPlatformAdmin && !next.isPlatformAdmin;
    const isTurned = account.isActive !== next.isActive;
    if (!isDemoted && !isTurned) return;
    await this.people.changeStanding(tx, account.id, next);
    await this.sessions.endAllOf(tx, account.id);
    await this.refreshes.revokeAllOf(tx, account.id);
    const left = (role: Role | null) => (next.isActive ? scopesInTenant(role, next.isPlatformAdmin) : []);
    const lost = { by, left, everywhere: account.isPlatformAdmin };
    if (isDemoted) await this.ended.keep(tx, account.id, { ...lost, action: 'user.demoted' });
    if (isTurned)
      await this.ended.tell(tx, account.id, {
        ...lost,
        action: next.isActive ? 'user.enabled' : 'user.disabled',
      });
  }
}
