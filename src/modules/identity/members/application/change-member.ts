import { Injectable } from '@nestjs/common';
import { InvalidTransition } from '../../../../kernel/errors';
import { AuditTrail, whatChanged } from '../../../../platform/audit';
import { AccessRevocation } from '../../access/application/access-revocation';
import { rejectRoleAbove, type TenantActor } from '../../access/application/tenant-actor';
import type { MembershipState } from '../../access/domain/membership';
import { roleOf } from '../../access/domain/roles';
import { ScopeCatalogue } from '../../access/domain/scope-catalogue';
import { LastAdmin } from '../domain/errors';
import { isActiveAdmin, MemberChange, shownMember } from './member-change';
import { type Member, MembershipStore } from './ports';

/** Changes the role of a member, or disables or enables the membership. */
@Injectable()
export class ChangeMember {
  constructor(
    private readonly memberChange: MemberChange,
    private readonly memberships: MembershipStore,
    private readonly revocation: AccessRevocation,
    private readonly audit: AuditTrail,
    private readonly catalogue: ScopeCatalogue,
  ) {}

  /** @throws UserUnknown, RoleAboveYours, LastAdmin, UnknownRole, InvalidTransition */
  async execute(by: TenantActor, userId: string, to: { role?: string; isActive?: boolean }): Promise<Member> {
    const role = to.role === undefined ? undefined : roleOf(to.role);
    return this.memberChange.apply(by, userId, async (tx, member, admins) => {
      const next = {
        role: role ?? member.role,
        state: stateAfter(member.state, to.isActive),
        name: member.name,
      };
      rejectRoleAbove(this.catalogue, by, next.role);
      if (isActiveAdmin(member) && !isActiveAdmin(next) && admins === 1) throw new LastAdmin();
      if (next.role === member.role && next.state === member.state) return member;
      await this.memberships.change(tx, by.tenantId, userId, next);
      await this.audit.record(tx, by.actor, {
        action: 'user.changed',
        entity: { kind: 'user', id: userId },
        ...whatChanged(shownMember(member), shownMember(next)),
      });
      const left = next.state === 'active' ? this.catalogue.ofRole(next.role) : [];
      await this.revocation.endInTenant(tx, { of: userId, cause: 'user.changed', left }, by.actor);
      return { ...member, ...next };
    });
  }
}

/** Only the invited user can turn an invitation into a membership. */
function stateAfter(state: MembershipState, isActive: boolean | undefined): MembershipState {
  if (isActive === undefined) return state;
  if (state === 'invited')
    throw new InvalidTransition('membership', 'invited', isActive ? 'active' : 'disabled');
  return isActive ? 'active' : 'disabled';
}
