import type { PageWindow } from '../../../../../../kernel/page-window';
import type { Sql } from '../../../../../../platform/database';
import type { AccountFlags, UserFilters } from '../../../application/ports';
import type { Email } from '../../../domain/email';

export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly email_folded: string;
  readonly name: string;
  readonly password_hash: string | null;
  readonly is_platform_admin: boolean;
  readonly is_active: boolean;
}

const COLUMNS = 'id, email, email_folded, name, password_hash, is_platform_admin, is_active';

export function insertUser(id: string, email: Email, name: string): Sql<unknown> {
  return {
    text: `INSERT INTO identity.users (id, email, email_folded, name) VALUES ($1, $2, $3, $4)
      ON CONFLICT (email_folded) DO NOTHING`,
    values: [id, email.shown, email.folded, name],
  };
}

export function findUserByEmail(folded: string): Sql<UserRow> {
  return {
    name: 'identity.find-user-by-email',
    text: `SELECT ${COLUMNS} FROM identity.users WHERE email_folded = $1`,
    values: [folded],
  };
}

export function findUserById(id: string): Sql<UserRow> {
  return {
    name: 'identity.find-user-by-id',
    text: `SELECT ${COLUMNS} FROM identity.users WHERE id = $1`,
    values: [id],
  };
}

/** A sign-in with the password waits for it (FOR SHARE); rows that only refer to the user do not. */
export function lockUser(id: string): Sql<UserRow> {
  return { text: `SELECT ${COLUMNS} FROM identity.users WHERE id = $1 FOR NO KEY UPDATE`, values: [id] };
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

export function updateAccountFlags(userId: string, to: AccountFlags): Sql<unknown> {
  return {
    text: `UPDATE identity.users SET is_active = $2, is_platform_admin = $3 WHERE id = $1`,
    values: [userId, to.isActive, to.isPlatformAdmin],
  };
}

/** Those who can sign in. In the order of ids, so that two who change each other wait instead of deadlocking. */
export function lockPlatformAdmins(): Sql<{ id: string }> {
  return {
    text: `SELECT id FROM identity.users WHERE is_platform_admin AND is_active AND password_hash IS NOT NULL
      ORDER BY id FOR NO KEY UPDATE`,
    values: [],
  };
}

export interface ListedUserRow extends UserRow {
  readonly created_at: Date;
  readonly position: string;
}

export function listUsers(f: UserFilters, w: PageWindow): Sql<ListedUserRow> {
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
