import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import type { TenantActor } from '../../access/application/tenant-actor';
import { CreateUser, type CreateUserCommand, type Invitation } from '../../accounts/application/create-user';
import { AssertInvitable } from './assert-invitable';
import { InviteUser } from './invite-user';

/** What the command line does with users; callers of the API use the controllers. */
@Injectable()
export class Users {
  constructor(
    private readonly createUser: CreateUser,
    private readonly inviteUser: InviteUser,
    private readonly assertInvitableUser: AssertInvitable,
  ) {}

  /** @throws InvalidEmail, InvalidUserName, UserDisabled */
  create(command: CreateUserCommand): Promise<Invitation> {
    return this.createUser.execute(command);
  }

  /** @throws InvalidEmail, InvalidUserName, UnknownRole, RoleAboveYours, AlreadyMember */
  invite(by: TenantActor, given: { email: string; name: string; role: string }): Promise<Invitation> {
    return this.inviteUser.execute(by, given);
  }

  /** @throws InvalidEmail, UnknownRole, TenantUnknown, AlreadyMember */
  assertInvitable(tenant: TenantId, given: { email: string; role: string }): Promise<void> {
    return this.assertInvitableUser.execute(tenant, given);
  }
}
