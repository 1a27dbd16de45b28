import type { Sql } from '../../../../../../platform/database';
import type { Role } from '../../../../access/domain/roles';
import type { OneTimeToken, Requester } from '../../../application/ports';

export interface OneTimeTokenRow {
  readonly token_hash: Buffer;
  readonly user_id: string;
  readonly purpose: OneTimeToken['purpose'];
  readonly invited_to: string | null;
  readonly requested_by: string | null;
  readonly granted_role: Role | null;
  readonly requester_kind: Requester['kind'] | null;
  readonly requester_id: string | null;
}

export function upsertToken(id: string, t: OneTimeToken, lifetimeS: number): Sql<{ expires_at: Date }> {
  return {
    text: `
      INSERT INTO identity.one_time_tokens (id, user_id, purpose, invited_to, requested_by, granted_role,
        requester_kind, requester_id, token_hash, expires_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + make_interval(secs => $10))
      ON CONFLICT (user_id, purpose, invited_to)
      DO UPDATE SET requested_by = excluded.requested_by, granted_role = excluded.granted_role,
        requester_kind = excluded.requester_kind, requester_id = excluded.requester_id,
        token_hash = excluded.token_hash, created_at = excluded.created_at, expires_at = excluded.expires_at
      RETURNING expires_at`,
    values: [
      id,
      t.userId,
      t.purpose,
      t.invitedTo,
      t.requestedBy,
      t.grantedRole,
      t.requester?.kind ?? null,
      t.requester?.id ?? null,
      t.hash,
      lifetimeS,
    ],
  };
}

export function findToken(hash: Buffer, purpose: OneTimeToken['purpose']): Sql<OneTimeTokenRow> {
  return {
    text: `SELECT token_hash, user_id, purpose, invited_to, requested_by, granted_role, requester_kind,
      requester_id
      FROM identity.one_time_tokens WHERE token_hash = $1 AND purpose = $2 AND expires_at > now()`,
    values: [hash, purpose],
  };
}

/** Of any number of concurrent callers one deletes the row. */
export function deleteToken(hash: Buffer): Sql<unknown> {
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

export function deleteTokensRequestedBy(userId: string): Sql<unknown> {
  return {
    text: `DELETE FROM identity.one_time_tokens WHERE requester_kind = 'user' AND requester_id = $1`,
    values: [userId],
  };
}

export function deleteOneTimeTokens(userId: string): Sql<unknown> {
  return { text: `DELETE FROM identity.one_time_tokens WHERE user_id = $1`, values: [userId] };
}
