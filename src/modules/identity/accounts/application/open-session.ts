import { Injectable } from '@nestjs/common';
import { newId } from '../../../../kernel/ids';
import { UnitOfWork } from '../../../../kernel/tx';
import { AccessRevocation } from '../../access/application/access-revocation';
import { isToken, newToken } from '../../access/domain/opaque-token';
import { hashOf } from '../../access/domain/secret-hash';
import { REMEMBERED_SESSION, SESSION } from '../domain/lifetimes';
import { type CheckedPassword, SessionStore } from './ports';

@Injectable()
export class OpenSession {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly sessions: SessionStore,
    private readonly revocation: AccessRevocation,
  ) {}

  /**
   * Every sign-in gets a new secret and ends the session that the browser sent, of whichever user, against
   * session fixation. Null: the password changed meanwhile.
   */
  async execute(
    by: CheckedPassword,
    options: { remember: boolean; former: string | null },
  ): Promise<string | null> {
    const token = newToken('ds');
    const limits = options.remember ? REMEMBERED_SESSION : SESSION;
    const former = options.former !== null && isToken(options.former, 'ds') ? hashOf(options.former) : null;
    const { isOpen, formerUserId } = await this.uow.runAcrossTenants(async (tx) => {
      const opened = await this.sessions.open(
        tx,
        by,
        { id: newId(), hash: hashOf(token), ...limits },
        former,
      );
      if (opened.formerUserId !== null) await this.revocation.bump(tx, opened.formerUserId);
      return opened;
    });
    if (formerUserId !== null) await this.revocation.evict(formerUserId);
    return isOpen ? token : null;
  }
}
