import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../../kernel/tx';
import { OneTimeTokenStore, RefreshTokenStore, SessionStore, UserStore } from './ports';

/** Replaces a password and ends every session, refresh token and reset of the user, in one transaction. */
@Injectable()
export class ReplacePassword {
  constructor(
    private readonly users: UserStore,
    private readonly sessions: SessionStore,
    private readonly refreshTokens: RefreshTokenStore,
    private readonly tokens: OneTimeTokenStore,
  ) {}

  /** Returns false where the password hash is no longer `from`. */
  async execute(tx: Tx, userId: string, from: string | null, to: string): Promise<boolean> {
    if (!(await this.users.changePassword(tx, userId, from, to))) return false;
    await this.sessions.endAllOf(tx, userId);
    await this.refreshTokens.revokeAllOf(tx, userId);
    await this.tokens.deleteResets(tx, userId);
    return true;
  }
}
