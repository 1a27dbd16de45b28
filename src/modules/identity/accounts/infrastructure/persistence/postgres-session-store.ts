import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../../../kernel/tx';
import { sql } from '../../../../../platform/database';
import {
  type CheckedPassword,
  type NewSession,
  type PersonInside,
  SessionStore,
} from '../../application/ports';
import { SEEN_EVERY_S } from '../../domain/lifetimes';
import {
  deleteSession,
  deleteSessionsAtLogin,
  deleteSessionsOf,
  enterSession,
  insertSession,
  markSeen,
} from './sql/sessions.sql';

@Injectable()
export class PostgresSessionStore extends SessionStore {
  /** The person's row comes before their sessions, as wherever all of them are ended. */
  async open(
    tx: Tx,
    by: CheckedPassword,
    session: NewSession,
    former: Buffer | null,
  ): Promise<{ isOpen: boolean; formerOf: string | null }> {
    const isOpen = (await sql(tx).count(insertSession(by, session))) === 1;
    const ended = await sql(tx).rows(deleteSessionsAtLogin(by.userId, former));
    return { isOpen, formerOf: ended.find(({ is_former: isFormer }) => isFormer)?.user_id ?? null };
  }

  async enter(tx: Tx, hash: Buffer): Promise<PersonInside | null> {
    const row = await sql(tx).maybe(enterSession(hash, SEEN_EVERY_S));
    if (!row) return null;
    if (row.stale) await sql(tx).count(markSeen(row.id));
    return {
      userId: row.user_id,
      email: row.email,
      name: row.name,
      isPlatformAdmin: row.is_platform_admin,
      sessionId: row.id,
      familyId: null,
      chosenTenant: null,
    };
  }

  async end(tx: Tx, id: string): Promise<void> {
    await sql(tx).count(deleteSession(id));
  }

  async endAllOf(tx: Tx, userId: string): Promise<void> {
    await sql(tx).count(deleteSessionsOf(userId));
  }
}
