import type { Sql } from '../../../../../../platform/database';
import type { CheckedPassword } from '../../../application/ports';
import type { SignedInRow } from './sessions.sql';

export interface RefreshTokenRow {
  readonly family_id: string;
  readonly user_id: string;
  readonly alive: boolean;
  readonly used: boolean;
  readonly lost_a_race: boolean;
}

/** FOR SHARE as for sessions: a concurrent change of the password comes first. */
export function insertFamily(
  by: CheckedPassword,
  f: { id: string; chosenTenant: string | null; absoluteS: number; idleS: number },
): Sql<unknown> {
  return {
    text: `
      INSERT INTO identity.refresh_families (id, user_id, chosen_tenant, idle_s, expires_at)
      SELECT $1, u.id, $2, $3, now() + make_interval(secs => $4)
        FROM (SELECT id FROM identity.users WHERE id = $5 AND password_hash = $6 AND is_active FOR SHARE) u`,
    values: [f.id, f.chosenTenant, f.idleS, f.absoluteS, by.userId, by.passwordHash],
  };
}

export function insertToken(familyId: string, hash: Buffer): Sql<unknown> {
  return {
    text: `INSERT INTO identity.refresh_tokens (token_hash, family_id) VALUES ($2, $1)`,
    values: [familyId, hash],
  };
}

/** Locks the family, not the token: concurrent requests with any tokens of one family wait for each other. */
export function lockFamilyOf(hash: Buffer): Sql<{ id: string }> {
  return {
    text: `SELECT id FROM identity.refresh_families
      WHERE id = (SELECT family_id FROM identity.refresh_tokens WHERE token_hash = $1) FOR UPDATE`,
    values: [hash],
  };
}

/** In a statement after the lock, so that it sees what the previous holder of the lock committed. */
export function readToken(hash: Buffer, ageMs: number): Sql<RefreshTokenRow> {
  return {
    text: `
      SELECT f.id AS family_id, f.user_id, t.used_at IS NOT NULL AS used,
             coalesce(t.used_at > clock_timestamp() - make_interval(secs => $2::float8 / 1000), false)
               AS lost_a_race,
             u.is_active AND f.revoked_at IS NULL AND f.expires_at > now()
               AND f.last_used_at > now() - make_interval(secs => f.idle_s) AS alive
        FROM identity.refresh_tokens t
        JOIN identity.refresh_families f ON f.id = t.family_id
        JOIN identity.users u ON u.id = f.user_id
       WHERE t.token_hash = $1`,
    values: [hash, ageMs],
  };
}

export function markUsed(hash: Buffer): Sql<unknown> {
  return {
    text: `UPDATE identity.refresh_tokens SET used_at = clock_timestamp() WHERE token_hash = $1
      AND used_at IS NULL`,
    values: [hash],
  };
}

export function markFamilyUsed(familyId: string): Sql<unknown> {
  return {
    text: `UPDATE identity.refresh_families SET last_used_at = now() WHERE id = $1`,
    values: [familyId],
  };
}

/** Without the family's idle limit, which is for refresh tokens: an access token lives minutes. */
export function resolveFamily(id: string): Sql<SignedInRow & { chosen_tenant: string | null }> {
  return {
    name: 'identity.resolve-family',
    text: `
      SELECT u.id AS user_id, u.email, u.name, u.is_platform_admin, f.id, f.chosen_tenant
        FROM identity.refresh_families f JOIN identity.users u ON u.id = f.user_id
       WHERE f.id = $1 AND u.is_active AND f.revoked_at IS NULL AND f.expires_at > now()`,
    values: [id],
  };
}

export function revokeFamily(id: string): Sql<unknown> {
  return {
    text: `UPDATE identity.refresh_families SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL`,
    values: [id],
  };
}

export function revokeFamiliesOf(userId: string): Sql<unknown> {
  return {
    text: `UPDATE identity.refresh_families SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL`,
    values: [userId],
  };
}
