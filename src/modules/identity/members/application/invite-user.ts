import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../../kernel/access-epochs';
import { UnitOfWork } from '../../../../kernel/tx';
import { AuditTrail } from '../../../../platform/audit';
import { Tenancy, TenantUnknown } from '../../../tenancy';
import { rejectRoleAbove, type TenantActor } from '../../access/application/tenant-actor';
import { newToken } from '../../access/domain/opaque-token';
import { type Role, roleOf } from '../../access/domain/roles';
import { ScopeCatalogue } from '../../access/domain/scope-catalogue';
import { hashOf } from '../../access/domain/secret-hash';
import type { Invitation } from '../../accounts/application/create-user';
import { OneTimeTokenStore, UserStore } from '../../accounts/application/ports';
import { requesterOf } from '../../accounts/application/requester-check';
import { emailOf } from '../../accounts/domain/email';
import { INVITATION_S } from '../../accounts/domain/lifetimes';
import { userNameOf } from '../../accounts/domain/user-name';
import { AlreadyMember } from '../domain/errors';
import { MembershipStore } from './ports';

/** Invites a user into a tenant; the result is the same whether the installation has the user or not. */
@Injectable()
export class InviteUser {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly users: UserStore,
    private readonly tokens: OneTimeTokenStore,
    private readonly memberships: MembershipStore,
    private readonly tenancy: Tenancy,
    private readonly epochs: AccessEpochs,
    private readonly audit: AuditTrail,
    private readonly catalogue: ScopeCatalogue,
  ) {}

  /** @throws InvalidEmail, InvalidUserName, UnknownRole, RoleAboveYours, AlreadyMember */
  async execute(by: TenantActor, given: { email: string; name: string; role: string }): Promise<Invitation> {
    const role = roleOf(given.role);
    rejectRoleAbove(this.catalogue, by, role);
    const [email, name] = [emailOf(given.email), userNameOf(given.name)];
    const { id: userId } = await this.uow.runAcrossTenants((tx) => this.users.ensure(tx, email, name));
    await this.addMember(by, userId, { email: email.shown, name, role });
    const token = newToken('di');
    const expiresAt = await this.issueToken(by, token, userId, role);
    return { userId, token, expiresAt };
  }

  private issueToken(by: TenantActor, token: string, userId: string, grantedRole: Role): Promise<Date> {
    const requester = requesterOf(by.actor);
    // The command line invites for the installation; a user or a key invites for the tenant.
    const requestedBy = requester && by.tenantId;
    return this.uow.runAcrossTenants(async (tx) => {
      // The token of a requester who was removed meanwhile must not replace another one's.
      await this.epochs.lockIn(tx, by.tenantId, by.accessEpoch);
      const request = { invitedTo: by.tenantId, requestedBy, grantedRole, requester };
      return this.tokens.issue(
        tx,
        { hash: hashOf(token), userId, purpose: 'invitation', ...request },
        INVITATION_S,
      );
    });
  }

  /** A repeated invitation replaces role and name of the one before. */
  private async addMember(
    by: TenantActor,
    userId: string,
    as: { email: string; name: string; role: Role },
  ): Promise<void> {
    const { tenantId, actor, accessEpoch } = by;
    await this.uow.run(
      tenantId,
      async (tx) => {
        if ((await this.tenancy.statusOf(tx)) === null) throw new TenantUnknown();
        if (!(await this.memberships.add(tx, tenantId, { userId, ...as }))) {
          const { member } = await this.memberships.lock(tx, tenantId, userId);
          if (member?.state !== 'invited') throw new AlreadyMember();
          rejectRoleAbove(this.catalogue, by, member.role);
          const to = { role: as.role, state: 'invited', name: as.name } as const;
          await this.memberships.change(tx, tenantId, userId, to);
        }
        await this.audit.record(tx, actor, {
          action: 'user.invited',
          entity: { kind: 'user', id: userId },
          after: { email: as.email, name: as.name, role: as.role },
        });
      },
      { accessEpoch },
    );
  }
}
