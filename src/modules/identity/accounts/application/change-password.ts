import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../../kernel/actor';
import { UnitOfWork } from '../../../../kernel/tx';
import { AccessRevocation } from '../../access/application/access-revocation';
import { chosenPassword } from '../domain/password';
import { CheckPassword, type PasswordCheck } from './check-password';
import { PasswordHasher, UserStore } from './ports';
import { ReplacePassword } from './replace-password';

@Injectable()
export class ChangePassword {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly users: UserStore,
    private readonly hasher: PasswordHasher,
    private readonly checkPassword: CheckPassword,
    private readonly replacePassword: ReplacePassword,
    private readonly revocation: AccessRevocation,
  ) {}

  /** Ends every session and token of the user, the caller's own too. @throws WeakPassword */
  async execute(userId: string, current: string, next: string, by: Actor): Promise<PasswordCheck> {
    const account = await this.uow.runAcrossTenants((tx) => this.users.byId(tx, userId));
    if (!account) return { status: 'wrong' };
    const check = await this.checkPassword.ofAccount(account, current, by.address ?? '');
    if (check.status !== 'right') return check;
    const hash = await this.hasher.hash(chosenPassword(next, account));
    const changed = await this.uow.runAcrossTenants(async (tx) => {
      if (!(await this.replacePassword.execute(tx, userId, check.checked.passwordHash, hash))) return false;
      await this.revocation.recordInTenants(tx, userId, {
        by,
        action: 'user.password_changed',
        inEveryTenant: account.isPlatformAdmin,
      });
      return true;
    });
    if (!changed) return { status: 'wrong' };
    await this.revocation.evict(userId);
    return check;
  }
}
