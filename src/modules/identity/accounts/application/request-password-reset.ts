import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../../kernel/access-epochs';
import { UnitOfWork } from '../../../../kernel/tx';
import { AuditTrail } from '../../../../platform/audit';
import { MemberUnknown, ResetNotYours } from '../../contract';
import { hashOf } from '../../access/domain/api-key-secret';
import { PASSWORD_RESET_S } from '../domain/lifetimes';
import { newToken } from '../../access/domain/opaque-token';
import { soleBelonging } from '../domain/sole-membership';
import { askerOf } from './requester-check';
import { type Keeper, refuseRoleAbove, type ShownToken } from '../../access/application/tenant-actor';
import { PeopleStore } from './ports';

/**
 * A token for a new password. Only for somebody who is this tenant's alone: a password opens every tenant its
 * person has.
 */
@Injectable()
export class AskPasswordReset {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly people: PeopleStore,
    private readonly epochs: AccessEpochs,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * One transaction, of the system, under the tenant's access epoch: the role that is asked about is the one
   * that the token is kept for, since whoever changes it waits. @throws MemberUnknown, RoleAboveYours,
   * ResetNotYours, AccessChanged
   */
  async execute(keeper: Keeper, userId: string): Promise<ShownToken> {
    const { tenantId, actor } = keeper;
    const token = newToken('dp');
    const expiresAt = await this.uow.runAcrossTenants(async (tx) => {
      await this.epochs.lockIn(tx, tenantId, keeper.accessEpoch);
      const belongings = await this.people.belongingsOf(tx, userId);
      const here = belongings.find((belonging) => belonging.tenantId === tenantId);
      if (!here) throw new MemberUnknown();
      refuseRoleAbove(keeper, here.role);
      if (soleBelonging(await this.people.byId(tx, userId), belongings) !== here) throw new ResetNotYours();
      const asked = { askedBy: tenantId, askedOf: here.role, asker: askerOf(actor) };
      await this.audit.recordIn(tx, tenantId, actor, {
        action: 'user.reset_asked',
        entity: { kind: 'user', id: userId },
      });
      return this.people.keepToken(
        tx,
        { hash: hashOf(token), userId, purpose: 'password_reset', invitedTo: null, ...asked },
        PASSWORD_RESET_S,
      );
    });
    return { token, expiresAt };
  }
}
