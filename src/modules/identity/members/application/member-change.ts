import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { AccessRevocation } from '../../access/application/access-revocation';
import { rejectRoleAbove, type TenantActor } from '../../access/application/tenant-actor';
import type { MembershipState } from '../../access/domain/membership';
import type { Role } from '../../access/domain/roles';
import { ScopeCatalogue } from '../../access/domain/scope-catalogue';
import { UserUnknown } from '../../accounts/domain/errors';
import { type Member, MembershipStore } from './ports';

/** The transaction in which a member is changed or removed. */
@Injectable()
export class MemberChange {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly memberships: MembershipStore,
    private readonly revocation: AccessRevocation,
    private readonly catalogue: ScopeCatalogue,
  ) {}

  /** `admins`: the number of active administrators. @throws UserUnknown, RoleAboveYours, AccessChanged */
  async apply<T>(
    by: TenantActor,
    userId: string,
    change: (tx: Tx, member: Member, admins: number) => Promise<T>,
  ): Promise<T> {
    const result = await this.uow.run(
      by.tenantId,
      async (tx) => {
        await this.revocation.lock(tx, by.accessEpoch);
        const { member, admins } = await this.memberships.lock(tx, by.tenantId, userId);
        if (!member) throw new UserUnknown();
        rejectRoleAbove(this.catalogue, by, member.role);
        return change(tx, member, admins);
      },
      { accessEpoch: by.accessEpoch },
    );
    await this.revocation.evict(userId);
    return result;
  }
}

export function isActiveAdmin({ role, state }: { role: Role; state: MembershipState }): boolean {
  return role === 'tenant_admin' && state === 'active';
}

/** As the audit log shows a member. */
export function shownMember({ role, state }: { role: Role; state: MembershipState }): Record<string, string> {
  return { role, state };
}
