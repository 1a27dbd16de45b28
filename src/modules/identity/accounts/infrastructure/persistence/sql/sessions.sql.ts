import type { Sql } from '../../../../../../platform/database';
import type { CheckedPassword } from '../../../application/ports';

export interface InsideRow {
  readonly user_id: string;
  readonly email: string;
  readonly name: string;
  readonly is_platform_admin: boolean;
  readonly id: string;
}

/** FOR SHARE waits for a change of the password that is under way, and then finds another hash. */
export function insertSession(
  by: CheckedPassword,
  s: { id: string; hash: Buffer; absoluteS: number; idleS: number },
): Sql<unknown> {
  return {
    text: `
      INSERT INTO identity.sessions (id, user_id, token_hash, idle_s, expires_at)
      SELECT $1, u.id, $2, $3, now() + make_interval(secs => $4)
        FROM (SELECT id FROM identity.users WHERE id = $5 AND password_hash = $6 AND is_active FOR SHARE) u`,
    values: [s.id, s.hash, s.idleS, s.absoluteS, by.userId, by.passwordHash],
  };
}

export function enterSession(hash: Buffer, seenEveryS: number): Sql<InsideRow & { stale: boolean }> {
  return {
    name: 'identity.enter-session',
    text: `
      SELECT u.id AS user_id, u.email, u.name, u.is_platform_admin, s.id,
        s.last_seen_at < now() - make_interval(secs => $2) AS stale
        FROM identity.sessions s JOIN identity.users u ON u.id = s.user_id
       WHERE s.token_hash = $1 AND u.is_active AND s.expires_at > now()
         AND s.last_seen_at > now() - make_interval(secs => s.idle_s)`,
    values: [hash, seenEveryS],
  };
}

export function markSeen(id: string): Sql<unknown> {
  return { text: `UPDATE identity.sessions SET last_seen_at = now() WHERE id = $1`, values: [id] };
}

export function deleteSession(id: string): Sql<unknown> {
  return { text: `DELETE FROM identity.sessions WHERE id = $1`, values: [id] };
}

/**
 * Rows of several are locked by id, here and wherever they are ended, or two who end the same wait for each
 * other.
 */
const inOrder = (which: string): string =>
  `DELETE FROM identity.sessions WHERE id IN (SELECT id FROM identity.sessions WHERE ${which} ORDER BY id
    FOR UPDATE)`;

export function deleteSessionsOf(userId: string): Sql<unknown> {
  return { text: inOrder('user_id = $1'), values: [userId] };
}

/**
 * At each login: the one that the browser came with, whosever it was, and what is over, which would else be
 * kept until it has been over for a week.
 */
export function deleteSessionsAtLogin(
  userId: string,
  former: Buffer | null,
): Sql<{ user_id: string; is_former: boolean | null }> {
  return {
    text: `${inOrder('token_hash = $2 OR (user_id = $1 AND (expires_at <= now() OR last_seen_at <= now() - make_interval(secs => idle_s)))')}
           RETURNING user_id, token_hash = $2 AS is_former`,
    values: [userId, former],
  };
}
