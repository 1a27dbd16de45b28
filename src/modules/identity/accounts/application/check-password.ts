import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../../kernel/tx';
import { foldedEmail } from '../domain/email';
import { normalizedPassword } from '../domain/password';
import { LoginLimits } from './login-limits';
import { type Account, type CheckedPassword, PasswordHasher, UserStore } from './ports';

/**
 * The result of checking a password. An unknown, disabled or invited user is `wrong` like a wrong password,
 * after one hash each.
 */
export type PasswordCheck =
  | { readonly status: 'right'; readonly account: Account; readonly checked: CheckedPassword }
  | { readonly status: 'wrong' }
  | { readonly status: 'rate_limited'; readonly waitS: number };

@Injectable()
export class CheckPassword {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly users: UserStore,
    private readonly hasher: PasswordHasher,
    private readonly limits: LoginLimits,
  ) {}

  async byEmail(email: string, password: string, address: string): Promise<PasswordCheck> {
    const folded = foldedEmail(email);
    const waitS = await this.limits.waitS(folded, address);
    if (waitS !== null) return { status: 'rate_limited', waitS };
    const account = await this.uow.runAcrossTenants((tx) => this.users.byEmail(tx, folded));
    return this.verified(account, password, address);
  }

  /** For a caller who is signed in, or holds a token for the account. */
  async ofAccount(account: Account, password: string, address: string): Promise<PasswordCheck> {
    const waitS = await this.limits.waitS(account.emailFolded, address);
    return waitS === null ? this.verified(account, password, address) : { status: 'rate_limited', waitS };
  }

  private async verified(account: Account | null, given: string, address: string): Promise<PasswordCheck> {
    const password = normalizedPassword(given);
    const isRight = await this.hasher.verify(account?.passwordHash ?? null, password);
    if (!isRight || !account?.passwordHash || !account.isActive) return { status: 'wrong' };
    await this.limits.recordSuccess(account.emailFolded, address);
    const passwordHash = await this.rehashed(account.id, account.passwordHash, password);
    return { status: 'right', account, checked: { userId: account.id, passwordHash } };
  }

  /** Only here is the password at hand, to hash it again with stronger parameters. */
  private async rehashed(userId: string, hash: string, password: string): Promise<string> {
    if (!this.hasher.needsRehash(hash)) return hash;
    const stronger = await this.hasher.hash(password);
    return (await this.uow.runAcrossTenants((tx) => this.users.changePassword(tx, userId, hash, stronger)))
      ? stronger
      : hash;
  }
}
