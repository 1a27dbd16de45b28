import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../../../platform/audit';
import { AccessRevocation } from '../../access/application/access-revocation';
import type { TenantActor } from '../../access/application/tenant-actor';
import { LastAdmin } from '../domain/errors';
import { isActiveAdmin, MemberChange, shownMember } from './member-change';
import { MembershipStore } from './ports';

@Injectable()
export class RemoveMember {
  constructor(
    private readonly memberChange: MemberChange,
    private readonly memberships: MembershipStore,
    private readonly revocation: AccessRevocation,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws UserUnknown, RoleAboveYours, LastAdmin */
  async execute(by: TenantActor, userId: string): Promise<void> {
    await this.memberChange.apply(by, userId, async (tx, member, admins) => {
      if (isActiveAdmin(member) && admins === 1) throw new LastAdmin();
      await this.memberships.remove(tx, by.tenantId, userId);
      await this.audit.record(tx, by.actor, {
        action: 'user.removed',
        entity: { kind: 'user', id: userId },
        before: shownMember(member),
      });
      await this.revocation.endInTenant(tx, { of: userId, cause: 'user.removed', left: [] }, by.actor);
    });
  }
}
