import type { Sql } from '../../../../../../platform/database';

/** SKIP LOCKED: a row that is in use now waits for the next run. Ids are of version 7: the oldest come first. */
export function purgeSessions(retainedS: number, limit: number): Sql<unknown> {
  return {
    text: `DELETE FROM identity.sessions WHERE id IN (
             SELECT id FROM identity.sessions
              WHERE least(expires_at,
                last_seen_at + make_interval(secs => idle_s)) <= now() - make_interval(secs => $1)
              ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    values: [retainedS, limit],
  };
}

/**
 * A family's tokens are deleted by the foreign key: the login may delete neither a single token nor a family
 * that is alive.
 */
export function purgeFamilies(retainedS: number, limit: number): Sql<unknown> {
  return {
    text: `DELETE FROM identity.refresh_families WHERE id IN (
             SELECT id FROM identity.refresh_families
              WHERE least(revoked_at, expires_at,
                last_used_at + make_interval(secs => idle_s)) <= now() - make_interval(secs => $1)
              ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    values: [retainedS, limit],
  };
}

export function purgeOneTimeTokens(retainedS: number, limit: number): Sql<unknown> {
  return {
    text: `DELETE FROM identity.one_time_tokens WHERE id IN (
             SELECT id FROM identity.one_time_tokens
              WHERE expires_at <= now() - make_interval(secs => $1)
              ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    values: [retainedS, limit],
  };
}
