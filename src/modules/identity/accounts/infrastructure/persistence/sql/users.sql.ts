import type { Sql } from '../../../../../../platform/database';
import type { PageWindow } from '../../../../../../kernel/page-window';
import type {
  Asker,
  MembershipState,
  OneTimeToken,
  PeopleFilters,
  Standing,
} from '../../../application/ports';
import type { Email } from '../../../domain/email';
import type { Role } from '../../../../access/domain/roles';

export interface AccountRow {
  readonly id: string;
  readonly email: string;
  readonly email_folded: string;
  readonly name: string;
  readonly password_hash: string | null;
  readonly is_platform_admin: boolean;
  readonly is_active: boolean;
}

export interface OneTimeTokenRow {
  readonly token_hash: Buffer;
  readonly user_id: string;
  readonly purpose: OneTimeToken['purpose'];
  readonly invited_to: string | null;
  readonly asked_by: string | null;
  readonly asked_of: Role | null;
  readonly asker_kind: Asker['kind'] | null;
  readonly asker_id: string | null;
}

const COLUMNS = 'id, email, email_folded, name, password_hash, is_platform_admin, is_active';

export function insertUser(id: string, email: Email, name: string): Sql<unknown> {
  return {
    text: `INSERT INTO identity.users (id, email, email_folded, name) VALUES ($1, $2, $3, $4)
      ON CONFLICT (email_folded) DO NOTHING`,
    values: [id, email.shown, email.folded, name],
  };
}

export function userByEmail(folded: string): Sql<AccountRow> {
  return {
    name: 'identity.user-by-email',
    text: `SELECT ${COLUMNS} FROM identity.users WHERE email_folded = $1`,
    values: [folded],
  };
}

export function userById(id: string): Sql<AccountRow> {
  return {
    name: 'identity.user-by-id',
    text: `SELECT ${COLUMNS} FROM identity.users WHERE id = $1`,
    values: [id],
  };
}

/**
 * Waited for by whoever opens something with the password (FOR SHARE), not by rows that only refer to the
 * person.
 */
export function lockUser(id: string): Sql<AccountRow> {
  return { text: `SELECT ${COLUMNS} FROM identity.users WHERE id = $1 FOR NO KEY UPDATE`, values: [id] };
}

export function belongingsOf(
  userId: string,
): Sql<{ tenant_id: string; role: Role; state: MembershipState; created_at: Date; name: string }> {
  return {
    name: 'identity.belongings',
    text: `SELECT tenant_id, role, state, created_at, name FROM identity.memberships WHERE user_id = $1
      ORDER BY tenant_id`,
    values: [userId],
  };
}

export function updatePassword(userId: string, from: string | null, to: string): Sql<unknown> {
  return {
    text: `UPDATE identity.users SET password_hash = $3 WHERE id = $1 AND password_hash IS NOT DISTINCT
      FROM $2`,
    values: [userId, from, to],
  };
}

export function makePlatformAdmin(userId: string, name: string): Sql<unknown> {
  return {
    text: `UPDATE identity.users SET is_platform_admin = true, password_hash = NULL, name = $2 WHERE id = $1`,
    values: [userId, name],
  };
}

export function updateStanding(userId: string, to: Standing): Sql<unknown> {
  return {
    text: `UPDATE identity.users SET is_active = $2, is_platform_admin = $3 WHERE id = $1`,
    values: [userId, to.isActive, to.isPlatformAdmin],
  };
}

/** Those who can come in. By id, so that two who change each other wait instead of deadlocking. */
export function lockPlatformAdmins(): Sql<{ id: string }> {
  return {
    text: `SELECT id FROM identity.users WHERE is_platform_admin AND is_active AND password_hash IS NOT NULL
      ORDER BY id FOR NO KEY UPDATE`,
    values: [],
  };
}

export interface PersonRow extends AccountRow {
  readonly created_at: Date;
  readonly position: string;
}

export function listUsers(f: PeopleFilters, w: PageWindow): Sql<PersonRow> {
  const [is, way] = w.backwards ? ['>', 'ASC'] : ['<', 'DESC'];
  const after = w.position ? `AND (created_at, id) ${is} ($4::timestamptz, $5::uuid)` : '';
  return {
    text: `
      SELECT ${COLUMNS}, created_at, created_at::text AS position FROM identity.users
       WHERE ($2::text IS NULL OR email_folded = $2)
         AND ($3::boolean IS NULL OR is_platform_admin = $3) ${after}
       ORDER BY created_at ${way}, id ${way} LIMIT $1`,
    values: [w.take, f.emailFolded ?? null, f.isPlatformAdmin ?? null, ...(w.position ?? [])],
  };
}

export function upsertToken(id: string, t: OneTimeToken, livesS: number): Sql<{ expires_at: Date }> {
  return {
    text: `
      INSERT INTO identity.one_time_tokens (id, user_id, purpose, invited_to, asked_by, asked_of, asker_kind,
        asker_id, token_hash, expires_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + make_interval(secs => $10))
      ON CONFLICT (user_id, purpose, invited_to)
      DO UPDATE SET asked_by = excluded.asked_by, asked_of = excluded.asked_of,
        asker_kind = excluded.asker_kind, asker_id = excluded.asker_id, token_hash = excluded.token_hash,
        created_at = excluded.created_at, expires_at = excluded.expires_at
      RETURNING expires_at`,
    values: [
      id,
      t.userId,
      t.purpose,
      t.invitedTo,
      t.askedBy,
      t.askedOf,
      t.asker?.kind ?? null,
      t.asker?.id ?? null,
      t.hash,
      livesS,
    ],
  };
}

export function findToken(hash: Buffer, purpose: OneTimeToken['purpose']): Sql<OneTimeTokenRow> {
  return {
    text: `SELECT token_hash, user_id, purpose, invited_to, asked_by, asked_of, asker_kind, asker_id
      FROM identity.one_time_tokens WHERE token_hash = $1 AND purpose = $2 AND expires_at > now()`,
    values: [hash, purpose],
  };
}

/** Of any number at once one deletes the row; the others find it gone. */
export function takeToken(hash: Buffer): Sql<unknown> {
  return {
    text: `DELETE FROM identity.one_time_tokens WHERE token_hash = $1 AND expires_at > clock_timestamp()`,
    values: [hash],
  };
}

export function deleteResets(userId: string): Sql<unknown> {
  return {
    text: `DELETE FROM identity.one_time_tokens WHERE user_id = $1 AND purpose = 'password_reset'`,
    values: [userId],
  };
}

export function deleteTokensAskedBy(userId: string): Sql<unknown> {
  return {
    text: `DELETE FROM identity.one_time_tokens WHERE asker_kind = 'user' AND asker_id = $1`,
    values: [userId],
  };
}

export function deleteOneTimeTokens(userId: string): Sql<unknown> {
  return { text: `DELETE FROM identity.one_time_tokens WHERE user_id = $1`, values: [userId] };
}
