import type { Sql } from '../../../../../../platform/database';

/**
 * SKIP LOCKED: a row that somebody works on this moment has time until the next run. Ids are of version 7, so
 * the oldest come first.
 */
export function purgeSessions(keptS: number, limit: number): Sql<unknown> {
  return {
    text: `DELETE FROM identity.sessions WHERE id IN (
             SELECT id FROM identity.sessions
              WHERE least(expires_at,
                last_seen_at + make_interval(secs => idle_s)) <= now() - make_interval(secs => $1)
              ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    values: [keptS, limit],
  };
}

/**
 * Its tokens go with a family by the foreign key: the login has no right to delete one alone, nor a family
 * that lives.
 */
export function purgeFamilies(keptS: number, limit: number): Sql<unknown> {
  return {
    text: `DELETE FROM identity.refresh_families WHERE id IN (
             SELECT id FROM identity.refresh_families
              WHERE least(revoked_at, expires_at,
                last_used_at + make_interval(secs => idle_s)) <= now() - make_interval(secs => $1)
              ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    values: [keptS, limit],
  };
}

export function purgeOneTimeTokens(keptS: number, limit: number): Sql<unknown> {
  return {
    text: `DELETE FROM identity.one_time_tokens WHERE id IN (
             SELECT id FROM identity.one_time_tokens
              WHERE expires_at <= now() - make_interval(secs => $1)
              ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    values: [keptS, limit],
  };
}
