import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../../../kernel/tx';
import { sql } from '../../../../../platform/database';
import { type CheckedPassword, type NewSession, SessionStore } from '../../application/ports';
import { deleteSession, deleteSessionsAtLogin, deleteSessionsOf, insertSession } from './sql/sessions.sql';

@Injectable()
export class PostgresSessionStore extends SessionStore {
  /** Locks the user's row before the sessions, like every statement that ends all of them. */
  async open(
    tx: Tx,
    by: CheckedPassword,
    session: NewSession,
    former: Buffer | null,
  ): Promise<{ isOpen: boolean; formerUserId: string | null }> {
    const isOpen = (await sql(tx).count(insertSession(by, session))) === 1;
    const ended = await sql(tx).rows(deleteSessionsAtLogin(by.userId, former));
    return { isOpen, formerUserId: ended.find(({ is_former: isFormer }) => isFormer)?.user_id ?? null };
  }

  async end(tx: Tx, id: string): Promise<void> {
    await sql(tx).count(deleteSession(id));
  }

  async endAllOf(tx: Tx, userId: string): Promise<void> {
    await sql(tx).count(deleteSessionsOf(userId));
  }
}
