import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { AccessRevocation } from '../../access/application/access-revocation';
import { UserMembershipStore } from '../../access/application/ports';
import { InvalidToken } from '../domain/errors';
import { chosenPassword } from '../domain/password';
import { soleMembership } from '../domain/sole-membership';
import { actorOf, OneTimeTokens, type RequestOrigin } from './one-time-tokens';
import { type Account, type OneTimeToken, OneTimeTokenStore, PasswordHasher, UserStore } from './ports';
import { ReplacePassword } from './replace-password';
import { RequesterCheck } from './requester-check';

/** Sets a new password with a reset token. */
@Injectable()
export class ResetPassword {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly oneTimeTokens: OneTimeTokens,
    private readonly requesterCheck: RequesterCheck,
    private readonly users: UserStore,
    private readonly memberships: UserMembershipStore,
    private readonly tokens: OneTimeTokenStore,
    private readonly hasher: PasswordHasher,
    private readonly replacePassword: ReplacePassword,
    private readonly revocation: AccessRevocation,
  ) {}

  /** @throws InvalidToken, WeakPassword */
  async execute(token: string, next: string, origin: RequestOrigin): Promise<void> {
    const { account, stored } = await this.oneTimeTokens.resolve(token, 'password_reset');
    const hash = await this.hasher.hash(chosenPassword(next, account));
    await this.uow.runAcrossTenants(async (tx) => {
      await this.assertStillAllowed(tx, stored);
      // Thrown inside the transaction, so that a rejected request does not use up the token.
      if (
        !(await this.tokens.take(tx, stored.hash)) ||
        !(await this.replacePassword.execute(tx, account.id, account.passwordHash, hash))
      )
        throw new InvalidToken();
      // The requester may have chosen the password: no open invitation may be accepted with it.
      await this.tokens.deleteAll(tx, account.id);
      await this.revocation.recordInTenants(tx, account.id, {
        by: actorOf(account, origin),
        action: 'user.password_reset',
      });
    });
    await this.revocation.evict(account.id);
  }

  /** Under the lock of the user, as if the token were requested now: the requester may still hold it. */
  private async assertStillAllowed(tx: Tx, stored: OneTimeToken): Promise<void> {
    const now: Account | null = await this.users.lock(tx, stored.userId);
    const sole = soleMembership(now, await this.memberships.membershipsOf(tx, stored.userId));
    if (!now?.isActive || sole?.tenantId !== stored.requestedBy || sole.role !== stored.grantedRole)
      throw new InvalidToken();
    await this.requesterCheck.verify(tx, stored);
  }
}
