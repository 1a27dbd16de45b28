import { Injectable } from '@nestjs/common';
import { systemActor } from '../../../../kernel/actor';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { AccessRevocation } from '../../access/application/access-revocation';
import { InstallationLogStore } from '../../access/application/ports';
import { newToken } from '../../access/domain/opaque-token';
import { hashOf } from '../../access/domain/secret-hash';
import { emailOf } from '../domain/email';
import { UserDisabled } from '../domain/errors';
import { INVITATION_S } from '../domain/lifetimes';
import { userNameOf } from '../domain/user-name';
import type { IssuedToken } from './one-time-tokens';
import { OneTimeTokenStore, RefreshTokenStore, SessionStore, UserStore } from './ports';

export interface CreateUserCommand {
  readonly email: string;
  readonly name: string;
  readonly isPlatformAdmin: boolean;
}

/** An invitation, with the only copy of its token. */
export interface Invitation extends IssuedToken {
  readonly userId: string;
}

const COMMAND_LINE = systemActor('command line');

/**
 * For the command line: a user without a tenant, who is a platform admin or is invited later. An existing
 * account is taken over before it becomes a platform admin's: any tenant's invitation may have created it,
 * and its password. A disabled user stays disabled: a platform admin did that, and would not notice that a
 * command undid it.
 */
@Injectable()
export class CreateUser {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly users: UserStore,
    private readonly tokens: OneTimeTokenStore,
    private readonly sessions: SessionStore,
    private readonly refreshTokens: RefreshTokenStore,
    private readonly revocation: AccessRevocation,
    private readonly log: InstallationLogStore,
  ) {}

  /** @throws InvalidEmail, InvalidUserName, UserDisabled */
  async execute({ email, name, isPlatformAdmin }: CreateUserCommand): Promise<Invitation> {
    const [address, userName] = [emailOf(email), userNameOf(name)];
    const account = await this.uow.runAcrossTenants((tx) => this.users.ensure(tx, address, userName));
    const token = newToken('di');
    const expiresAt = await this.uow.runAcrossTenants(async (tx) => {
      const before = await this.users.lock(tx, account.id);
      if (!before?.isActive) throw new UserDisabled();
      if (isPlatformAdmin) await this.takeOver(tx, account.id, userName);
      const request = { invitedTo: null, requestedBy: null, grantedRole: null, requester: null };
      const issued = await this.tokens.issue(
        tx,
        { hash: hashOf(token), userId: account.id, purpose: 'invitation', ...request },
        INVITATION_S,
      );
      if (isPlatformAdmin)
        await this.revocation.recordInInstallation(tx, account.id, {
          by: COMMAND_LINE,
          action: 'user.promoted',
          scopesLeft: () => [],
          inEveryTenant: before.isPlatformAdmin,
        });
      else await this.log.add(tx, COMMAND_LINE, 'user.invited', account.id);
      // After the bump: the former owner of the account cannot request more tokens.
      if (isPlatformAdmin) await this.tokens.deleteRequestedBy(tx, account.id);
      return issued;
    });
    await this.revocation.evict(account.id);
    return { userId: account.id, token, expiresAt };
  }

  private async takeOver(tx: Tx, userId: string, name: string): Promise<void> {
    await this.users.makePlatformAdmin(tx, userId, name);
    await this.sessions.endAllOf(tx, userId);
    await this.refreshTokens.revokeAllOf(tx, userId);
    await this.tokens.deleteAll(tx, userId);
  }
}
