import { Injectable } from '@nestjs/common';
import { InvalidTransition } from '../../../../kernel/errors';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { AuditTrail, whatChanged } from '../../../../platform/audit';
import { LastAdmin, MemberUnknown } from '../../contract';
import { type Role, roleOf, scopesOfRole } from '../../access/domain/roles';
import { AccessEnded } from '../../access/application/access-revocation';
import { type Keeper, refuseRoleAbove } from '../../access/application/tenant-actor';
import { RevokeKeysBehind } from '../../access/application/revoke-derived-keys';
import { type Member, MembershipStore, type MembershipState } from '../../accounts/application/ports';

/** What somebody is in a tenant, changed and ended. */
@Injectable()
export class Members {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly memberships: MembershipStore,
    private readonly ended: AccessEnded,
    private readonly keys: RevokeKeysBehind,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws MemberUnknown, RoleAboveYours, LastAdmin, UnknownRole, InvalidTransition */
  async change(keeper: Keeper, userId: string, to: { role?: string; isActive?: boolean }): Promise<Member> {
    const role = to.role === undefined ? undefined : roleOf(to.role);
    return this.taking(keeper, userId, async (tx, member, admins) => {
      const next = {
        role: role ?? member.role,
        state: stateAfter(member.state, to.isActive),
        name: member.name,
      };
      refuseRoleAbove(keeper, next.role);
      if (isAdmin(member) && !isAdmin(next) && admins === 1) throw new LastAdmin();
      if (next.role === member.role && next.state === member.state) return member;
      await this.memberships.change(tx, keeper.tenantId, userId, next);
      await this.audit.record(tx, keeper.actor, {
        action: 'user.changed',
        entity: { kind: 'user', id: userId },
        ...whatChanged(shown(member), shown(next)),
      });
      await this.keys.execute(
        tx,
        { of: userId, cause: 'user.changed', left: next.state === 'active' ? scopesOfRole(next.role) : [] },
        keeper.actor,
      );
      await this.ended.inTenant(tx);
      return { ...member, ...next };
    });
  }

  /** @throws MemberUnknown, RoleAboveYours, LastAdmin */
  async remove(keeper: Keeper, userId: string): Promise<void> {
    await this.taking(keeper, userId, async (tx, member, admins) => {
      if (isAdmin(member) && admins === 1) throw new LastAdmin();
      await this.memberships.remove(tx, keeper.tenantId, userId);
      await this.audit.record(tx, keeper.actor, {
        action: 'user.removed',
        entity: { kind: 'user', id: userId },
        before: shown(member),
      });
      await this.keys.execute(tx, { of: userId, cause: 'user.removed', left: [] }, keeper.actor);
      await this.ended.inTenant(tx);
    });
  }

  private async taking<T>(
    keeper: Keeper,
    userId: string,
    work: (tx: Tx, member: Member, admins: number) => Promise<T>,
  ): Promise<T> {
    const done = await this.uow.run(
      keeper.tenantId,
      async (tx) => {
        await this.ended.begin(tx, keeper.accessEpoch);
        const { member, admins } = await this.memberships.lock(tx, keeper.tenantId, userId);
        if (!member) throw new MemberUnknown();
        refuseRoleAbove(keeper, member.role);
        return work(tx, member, admins);
      },
      { accessEpoch: keeper.accessEpoch },
    );
    await this.ended.forget(userId);
    return done;
  }
}

function isAdmin({ role, state }: { role: Role; state: MembershipState }): boolean {
  return role === 'tenant_admin' && state === 'active';
}

/** Only the invited person can turn an invitation into a membership. */
function stateAfter(state: MembershipState, isActive: boolean | undefined): MembershipState {
  if (isActive === undefined) return state;
  if (state === 'invited')
    throw new InvalidTransition('membership', 'invited', isActive ? 'active' : 'disabled');
  return isActive ? 'active' : 'disabled';
}

function shown({ role, state }: { role: Role; state: MembershipState }): Record<string, string> {
  return { role, state };
}
