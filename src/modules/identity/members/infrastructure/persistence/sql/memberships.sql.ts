import type { PageWindow } from '../../../../../../kernel/page-window';
import type { Sql } from '../../../../../../platform/database';
import type { MembershipState } from '../../../../access/domain/membership';
import type { Role } from '../../../../access/domain/roles';
import type { Member } from '../../../application/ports';

export interface MemberRow {
  readonly user_id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly state: MembershipState;
  readonly created_at: Date;
  readonly position: string;
}

const COLUMNS = 'user_id, email, name, role, state, created_at, created_at::text AS position';

export function insertMember(
  tenant: string,
  m: Pick<Member, 'userId' | 'email' | 'name' | 'role'>,
): Sql<unknown> {
  return {
    text: `INSERT INTO identity.memberships (tenant_id, user_id, role, state, email, name)
      VALUES ($1, $2, $3, 'invited', $4, $5) ON CONFLICT DO NOTHING`,
    values: [tenant, m.userId, m.role, m.email, m.name],
  };
}

export function findMember(tenant: string, userId: string): Sql<MemberRow> {
  return {
    text: `SELECT ${COLUMNS} FROM identity.memberships WHERE tenant_id = $1 AND user_id = $2`,
    values: [tenant, userId],
  };
}

/** In the order of ids, so that two who change each other wait instead of deadlocking. */
export function lockAdmins(tenant: string): Sql<{ user_id: string }> {
  return {
    text: `SELECT user_id FROM identity.memberships WHERE tenant_id = $1 AND role = 'tenant_admin'
      AND state = 'active' ORDER BY user_id FOR UPDATE`,
    values: [tenant],
  };
}

export function lockMember(tenant: string, userId: string): Sql<MemberRow> {
  return {
    text: `SELECT ${COLUMNS} FROM identity.memberships WHERE tenant_id = $1 AND user_id = $2 FOR UPDATE`,
    values: [tenant, userId],
  };
}

export function updateMember(
  tenant: string,
  userId: string,
  to: { role: Role; state: MembershipState; name: string },
): Sql<unknown> {
  return {
    text: `UPDATE identity.memberships SET role = $3, state = $4, name = $5 WHERE tenant_id = $1
      AND user_id = $2`,
    values: [tenant, userId, to.role, to.state, to.name],
  };
}

/** Of any number of concurrent callers one gets the row. It locks the user against a password reset. */
export function takeInvitation(hash: Buffer): Sql<{ id: string }> {
  return { text: `SELECT id FROM identity.take_invitation($1)`, values: [hash] };
}

/** A repeat changes nothing, and a disabled member stays disabled. */
export function acceptMember(tenant: string, userId: string): Sql<unknown> {
  return {
    text: `UPDATE identity.memberships SET state = 'active' WHERE tenant_id = $1 AND user_id = $2
      AND state IN ('invited', 'active')`,
    values: [tenant, userId],
  };
}

export function deleteMember(tenant: string, userId: string): Sql<unknown> {
  return {
    text: `DELETE FROM identity.memberships WHERE tenant_id = $1 AND user_id = $2`,
    values: [tenant, userId],
  };
}

export function listMembers(tenant: string, w: PageWindow): Sql<MemberRow> {
  const [is, way] = w.backwards ? ['>', 'ASC'] : ['<', 'DESC'];
  const after = w.position ? `AND (created_at, user_id) ${is} ($3::timestamptz, $4::uuid)` : '';
  return {
    text: `SELECT ${COLUMNS} FROM identity.memberships WHERE tenant_id = $1 ${after}
      ORDER BY created_at ${way}, user_id ${way} LIMIT $2`,
    values: [tenant, w.take, ...(w.position ?? [])],
  };
}

/** For the system: all memberships of a user, in every tenant. */
export function membershipsOf(
  userId: string,
): Sql<{ tenant_id: string; role: Role; state: MembershipState; created_at: Date; name: string }> {
  return {
    name: 'identity.memberships-of',
    text: `SELECT tenant_id, role, state, created_at, name FROM identity.memberships WHERE user_id = $1
      ORDER BY tenant_id`,
    values: [userId],
  };
}
