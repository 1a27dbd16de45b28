import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import type { Actor } from '../../../../kernel/actor';
import { InvalidToken } from '../../contract';
import { chosenPassword } from '../domain/password';
import { soleBelonging } from '../domain/sole-membership';
import { AccessEnded } from '../../access/application/access-revocation';
import { Askers } from './requester-check';
import { CheckPassword, type Tried } from './check-password';
import { actorOf, type From, OneTimeTokens } from './one-time-tokens';
import { PasswordHasher, PeopleStore, RefreshStore, SessionStore } from './ports';

/** Choosing another password: by somebody inside, or after it was forgotten. */
@Injectable()
export class Passwords {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly tokens: OneTimeTokens,
    private readonly askers: Askers,
    private readonly people: PeopleStore,
    private readonly sessions: SessionStore,
    private readonly refreshes: RefreshStore,
    private readonly hasher: PasswordHasher,
    private readonly checkPassword: CheckPassword,
    private readonly ended: AccessEnded,
  ) {}

  /** Every session and token of the person ends, the caller's own too. @throws WeakPassword */
  async change(userId: string, current: string, next: string, by: Actor): Promise<Tried> {
    const account = await this.uow.runAcrossTenants((tx) => this.people.byId(tx, userId));
    if (!account) return { is: 'wrong' };
    const tried = await this.checkPassword.ofAccount(account, current, by.address ?? '');
    if (tried.is !== 'right') return tried;
    const hash = await this.hasher.hash(chosenPassword(next, account));
    const changed = await this.uow.runAcrossTenants(async (tx) => {
      if (!(await this.replace(tx, userId, tried.checked.passwordHash, hash))) return false;
      await this.ended.tell(tx, userId, {
        by,
        action: 'user.password_changed',
        everywhere: account.isPlatformAdmin,
      });
      return true;
    });
    if (!changed) return { is: 'wrong' };
    await this.ended.forget(userId);
    return tried;
  }

  /**
   * Whoever asked for the token may hold it still: it is worth what they may do now, under the lock of the
   * person.
   * @throws InvalidToken, WeakPassword
   */
  async reset(token: string, next: string, from: From): Promise<void> {
    const { account, kept } = await this.tokens.holder(token, 'password_reset');
    const hash = await this.hasher.hash(chosenPassword(next, account));
    await this.uow.runAcrossTenants(async (tx) => {
      const now = await this.people.lock(tx, account.id);
      const sole = soleBelonging(now, await this.people.belongingsOf(tx, account.id));
      if (!now?.isActive || sole?.tenantId !== kept.askedBy || sole.role !== kept.askedOf)
        throw new InvalidToken();
      await this.askers.hold(tx, kept);
      // Thrown inside, so that what is refused uses up no token.
      if (
        !(await this.people.takeToken(tx, kept.hash)) ||
        !(await this.replace(tx, account.id, account.passwordHash, hash))
      )
        throw new InvalidToken();
      // Whoever asked may have chosen it: what another tenant left for the person to accept is not entered
      // with it.
      await this.people.dropTokens(tx, account.id);
      await this.ended.tell(tx, account.id, { by: actorOf(account, from), action: 'user.password_reset' });
    });
    await this.ended.forget(account.id);
  }

  private async replace(tx: Tx, userId: string, from: string | null, to: string): Promise<boolean> {
    if (!(await this.people.changePassword(tx, userId, from, to))) return false;
    await this.sessions.endAllOf(tx, userId);
    await this.refreshes.revokeAllOf(tx, userId);
    await this.people.dropResets(tx, userId);
    return true;
  }
}
