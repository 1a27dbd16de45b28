import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../../kernel/tx';
import { foldedEmail } from '../domain/email';
import { normalizedPassword } from '../domain/password';
import { LoginLimits } from './login-limits';
import { type Account, type CheckedPassword, PasswordHasher, PeopleStore } from './ports';

/**
 * What came of trying a password. Unknown, disabled, not yet accepted and wrong are one answer, after one
 * hash each.
 */
export type Tried =
  | { readonly is: 'right'; readonly account: Account; readonly checked: CheckedPassword }
  | { readonly is: 'wrong' }
  | { readonly is: 'too_often'; readonly waitS: number };

@Injectable()
export class CheckPassword {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly people: PeopleStore,
    private readonly hasher: PasswordHasher,
    private readonly limits: LoginLimits,
  ) {}

  async byEmail(email: string, password: string, address: string): Promise<Tried> {
    const folded = foldedEmail(email);
    const waitS = await this.limits.waitS(folded, address);
    if (waitS !== null) return { is: 'too_often', waitS };
    const account = await this.uow.runAcrossTenants((tx) => this.people.byEmail(tx, folded));
    return this.verified(account, password, address);
  }

  /** For somebody who is inside, or holds a token for the account. */
  async ofAccount(account: Account, password: string, address: string): Promise<Tried> {
    const waitS = await this.limits.waitS(account.emailFolded, address);
    return waitS === null ? this.verified(account, password, address) : { is: 'too_often', waitS };
  }

  private async verified(account: Account | null, given: string, address: string): Promise<Tried> {
    const password = normalizedPassword(given);
    const isRight = await this.hasher.verify(account?.passwordHash ?? null, password);
    if (!isRight || !account?.passwordHash || !account.isActive) return { is: 'wrong' };
    await this.limits.cameIn(account.emailFolded, address);
    const passwordHash = await this.renewed(account.id, account.passwordHash, password);
    return { is: 'right', account, checked: { userId: account.id, passwordHash } };
  }

  /** The only moment at which a password can be hashed with what has become the rule since. */
  private async renewed(userId: string, hash: string, password: string): Promise<string> {
    if (!this.hasher.isOutdated(hash)) return hash;
    const stronger = await this.hasher.hash(password);
    return (await this.uow.runAcrossTenants((tx) => this.people.changePassword(tx, userId, hash, stronger)))
      ? stronger
      : hash;
  }
}
