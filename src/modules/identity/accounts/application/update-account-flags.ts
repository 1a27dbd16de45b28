import { Injectable } from '@nestjs/common';
import { AccessChanged, AccessEpochs } from '../../../../kernel/access-epochs';
import type { Actor } from '../../../../kernel/actor';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { AccessRevocation } from '../../access/application/access-revocation';
import type { Role } from '../../access/domain/roles';
import { ScopeCatalogue } from '../../access/domain/scope-catalogue';
import { LastPlatformAdmin, UserUnknown } from '../domain/errors';
import { type Account, type AccountFlags, RefreshTokenStore, SessionStore, UserStore } from './ports';

/** A user cannot be made a platform admin this way: the account may belong to another person by now. */
export interface AccountFlagsChange {
  readonly isActive?: boolean | undefined;
  readonly isPlatformAdmin?: false | undefined;
}

/** Disables or enables a user in the whole installation, or demotes a platform admin. */
@Injectable()
export class UpdateAccountFlags {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly users: UserStore,
    private readonly sessions: SessionStore,
    private readonly refreshTokens: RefreshTokenStore,
    private readonly revocation: AccessRevocation,
    private readonly epochs: AccessEpochs,
    private readonly catalogue: ScopeCatalogue,
  ) {}

  /**
   * Ends all sessions and tokens of the user, and the derived keys with more scopes than the user still has.
   * `accessEpoch`: that of the installation with which the caller was authenticated; absent for the command
   * line. @throws UserUnknown, LastPlatformAdmin, AccessChanged
   */
  async execute(userId: string, to: AccountFlagsChange, by: Actor, accessEpoch?: string): Promise<void> {
    await this.uow.runAcrossTenants(async (tx) => {
      const admins = await this.users.lockPlatformAdmins(tx);
      // Two who demote each other: the second one is no platform admin any more by now.
      if (by.kind === 'user' && !admins.some((id) => id === by.id)) throw new AccessChanged();
      // A change that ended the caller's sign-in bumped this under the caller's lock.
      if (accessEpoch !== undefined && (await this.epochs.currentOfInstallation(tx)) !== accessEpoch)
        throw new AccessChanged();
      const account = await this.users.lock(tx, userId);
      if (!account) throw new UserUnknown();
      const next = {
        isActive: to.isActive ?? account.isActive,
        isPlatformAdmin: to.isPlatformAdmin ?? account.isPlatformAdmin,
      };
      if (admins.length === 1 && admins[0] === userId && !(next.isActive && next.isPlatformAdmin))
        throw new LastPlatformAdmin();
      await this.apply(tx, account, next, by);
    });
    await this.revocation.evict(userId);
  }

  /** Without a difference it does nothing, and ends no access. */
  private async apply(tx: Tx, account: Account, next: AccountFlags, by: Actor): Promise<void> {
    const isDemoted = account.isPlatformAdmin && !next.isPlatformAdmin;
    const isToggled = account.isActive !== next.isActive;
    if (!isDemoted && !isToggled) return;
    await this.users.updateAccountFlags(tx, account.id, next);
    await this.sessions.endAllOf(tx, account.id);
    await this.refreshTokens.revokeAllOf(tx, account.id);
    const scopesLeft = (role: Role | null) =>
      next.isActive ? this.catalogue.inTenant(role, next.isPlatformAdmin) : [];
    const change = { by, scopesLeft, inEveryTenant: account.isPlatformAdmin };
    if (isDemoted)
      await this.revocation.recordInInstallation(tx, account.id, { ...change, action: 'user.demoted' });
    if (isToggled)
      await this.revocation.recordInTenants(tx, account.id, {
        ...change,
        action: next.isActive ? 'user.enabled' : 'user.disabled',
      });
  }
}
