import type { Sql } from '../../../../../../platform/database';
import type { CheckedPassword } from '../../../application/ports';

export interface SignedInRow {
  readonly user_id: string;
  readonly email: string;
  readonly name: string;
  readonly is_platform_admin: boolean;
  readonly id: string;
}

/** FOR SHARE waits for a concurrent change of the password, and then finds another hash. */
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

export function resolveSession(hash: Buffer, seenEveryS: number): Sql<SignedInRow & { stale: boolean }> {
  return {
    name: 'identity.resolve-session',
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

/** In the order of ids: two transactions that end the same sessions must not deadlock. */
const deleteInOrder = (which: string): string =>
  `DELETE FROM identity.sessions WHERE id IN (SELECT id FROM identity.sessions WHERE ${which} ORDER BY id
    FOR UPDATE)`;

export function deleteSessionsOf(userId: string): Sql<unknown> {
  return { text: deleteInOrder('user_id = $1'), values: [userId] };
}

/**
 * At each sign-in: the session that the browser sent, of whichever user, and the user's expired sessions,
 * which otherwise stay until the purge.
 */
export function deleteSessionsAtLogin(
  userId: string,
  former: Buffer | null,
): Sql<{ user_id: string; is_former: boolean | null }> {
  return {
    text: `${deleteInOrder(`token_hash = $2 OR (user_id = $1
      AND (expires_at <= now() OR last_seen_at <= now() - make_interval(secs => idle_s)))`)}
           RETURNING user_id, token_hash = $2 AS is_former`,
    values: [userId, former],
  };
}
