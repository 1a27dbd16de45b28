import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../../../kernel/ids';
import type { PageWindow } from '../../../../../kernel/page-window';
import type { Tx } from '../../../../../kernel/tx';
import { sql } from '../../../../../platform/database';
import type { MembershipState } from '../../../access/domain/membership';
import type { Role } from '../../../access/domain/roles';
import { type Member, MembershipStore } from '../../application/ports';
import {
  acceptMember,
  deleteMember,
  findMember,
  insertMember,
  listMembers,
  lockAdmins,
  lockMember,
  takeInvitation,
  updateMember,
  type MemberRow,
} from './sql/memberships.sql';

@Injectable()
export class PostgresMembershipStore extends MembershipStore {
  async add(
    tx: Tx,
    tenant: TenantId,
    member: Pick<Member, 'userId' | 'email' | 'name' | 'role'>,
  ): Promise<boolean> {
    return (await sql(tx).count(insertMember(tenant, member))) === 1;
  }

  async find(tx: Tx, tenant: TenantId, userId: string): Promise<Member | null> {
    const row = await sql(tx).maybe(findMember(tenant, userId));
    return row && memberFrom(row);
  }

  async lock(tx: Tx, tenant: TenantId, userId: string): Promise<{ member: Member | null; admins: number }> {
    const admins = await sql(tx).rows(lockAdmins(tenant));
    const row = await sql(tx).maybe(lockMember(tenant, userId));
    return { member: row && memberFrom(row), admins: admins.length };
  }

  async change(
    tx: Tx,
    tenant: TenantId,
    userId: string,
    to: { role: Role; state: MembershipState; name: string },
  ): Promise<void> {
    await sql(tx).count(updateMember(tenant, userId, to));
  }

  async takeInvitation(tx: Tx, hash: Buffer): Promise<boolean> {
    return (await sql(tx).maybe(takeInvitation(hash))) !== null;
  }

  async accept(tx: Tx, tenant: TenantId, userId: string): Promise<boolean> {
    return (await sql(tx).count(acceptMember(tenant, userId))) === 1;
  }

  async remove(tx: Tx, tenant: TenantId, userId: string): Promise<void> {
    await sql(tx).count(deleteMember(tenant, userId));
  }

  async list(tx: Tx, tenant: TenantId, window: PageWindow): Promise<Member[]> {
    return (await sql(tx).rows(listMembers(tenant, window))).map(memberFrom);
  }
}

function memberFrom(row: MemberRow): Member {
  return {
    userId: row.user_id,
    email: row.email,
    name: row.name,
    role: row.role,
    state: row.state,
    createdAt: row.created_at,
    position: row.position,
  };
}
