import { Injectable } from '@nestjs/common';
import { newId } from '../../../../kernel/ids';
import { UnitOfWork } from '../../../../kernel/tx';
import { hashOf } from '../../access/domain/api-key-secret';
import { REMEMBERED_SESSION, SESSION } from '../domain/lifetimes';
import { isToken, newToken } from '../../access/domain/opaque-token';
import { AccessEnded } from '../../access/application/access-revocation';
import { type CheckedPassword, SessionStore } from './ports';

/** Sessions of browsers. */
@Injectable()
export class Sessions {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly sessions: SessionStore,
    private readonly ended: AccessEnded,
  ) {}

  /**
   * A new secret at each login; the one that the browser came with, whosever it was, is worth nothing
   * afterwards. Null: the password changed meanwhile.
   */
  async open(
    by: CheckedPassword,
    options: { remember: boolean; former: string | null },
  ): Promise<string | null> {
    const token = newToken('ds');
    const limits = options.remember ? REMEMBERED_SESSION : SESSION;
    const former = options.former !== null && isToken(options.former, 'ds') ? hashOf(options.former) : null;
    const { isOpen, formerOf } = await this.uow.runAcrossTenants(async (tx) => {
      const done = await this.sessions.open(tx, by, { id: newId(), hash: hashOf(token), ...limits }, former);
      if (done.formerOf !== null) await this.ended.raise(tx, done.formerOf);
      return done;
    });
    if (formerOf !== null) await this.ended.forget(formerOf);
    return isOpen ? token : null;
  }

  async end(userId: string, sessionId: string): Promise<void> {
    await this.uow.runAcrossTenants(async (tx) => {
      await this.sessions.end(tx, sessionId);
      await this.ended.raise(tx, userId);
    });
    await this.ended.forget(userId);
  }
}
