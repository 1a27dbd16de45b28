import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../../kernel/access-epochs';
import { UnitOfWork } from '../../../../kernel/tx';
import { AuditTrail } from '../../../../platform/audit';
import { UserMembershipStore } from '../../access/application/ports';
import { rejectRoleAbove, type TenantActor } from '../../access/application/tenant-actor';
import { newToken } from '../../access/domain/opaque-token';
import { ScopeCatalogue } from '../../access/domain/scope-catalogue';
import { hashOf } from '../../access/domain/secret-hash';
import { ResetNotYours, UserUnknown } from '../domain/errors';
import { PASSWORD_RESET_S } from '../domain/lifetimes';
import { soleMembership } from '../domain/sole-membership';
import type { IssuedToken } from './one-time-tokens';
import { OneTimeTokenStore, UserStore } from './ports';
import { requesterOf } from './requester-check';

/** Issues a reset token, only for a user of this tenant alone: a password opens every tenant of its user. */
@Injectable()
export class RequestPasswordReset {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly users: UserStore,
    private readonly memberships: UserMembershipStore,
    private readonly tokens: OneTimeTokenStore,
    private readonly epochs: AccessEpochs,
    private readonly audit: AuditTrail,
    private readonly catalogue: ScopeCatalogue,
  ) {}

  /**
   * One transaction of the system under the tenant's access epoch, so that the checked role is the role that
   * the token is issued for. @throws UserUnknown, RoleAboveYours, ResetNotYours, AccessChanged
   */
  async execute(by: TenantActor, userId: string): Promise<IssuedToken> {
    const { tenantId, actor } = by;
    const token = newToken('dp');
    const expiresAt = await this.uow.runAcrossTenants(async (tx) => {
      await this.epochs.lockIn(tx, tenantId, by.accessEpoch);
      const memberships = await this.memberships.membershipsOf(tx, userId);
      const here = memberships.find((membership) => membership.tenantId === tenantId);
      if (!here) throw new UserUnknown();
      rejectRoleAbove(this.catalogue, by, here.role);
      if (soleMembership(await this.users.byId(tx, userId), memberships) !== here) throw new ResetNotYours();
      const request = { requestedBy: tenantId, grantedRole: here.role, requester: requesterOf(actor) };
      await this.audit.recordIn(tx, tenantId, actor, {
        action: 'user.reset_asked',
        entity: { kind: 'user', id: userId },
      });
      return this.tokens.issue(
        tx,
        { hash: hashOf(token), userId, purpose: 'password_reset', invitedTo: null, ...request },
        PASSWORD_RESET_S,
      );
    });
    return { token, expiresAt };
  }
}
