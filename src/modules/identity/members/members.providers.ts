import { UserMembershipStore } from '../access/application/ports';
import { AcceptInvitation } from './application/accept-invitation';
import { AssertInvitable } from './application/assert-invitable';
import { ChangeMember } from './application/change-member';
import { FindMember } from './application/find-member.query';
import { InviteUser } from './application/invite-user';
import { ListMembers } from './application/list-members.query';
import { MemberChange } from './application/member-change';
import { MembershipStore } from './application/ports';
import { RemoveMember } from './application/remove-member';
import { Users } from './application/users.facade';
import { InvitationsController } from './infrastructure/http/invitations.controller';
import { UsersController } from './infrastructure/http/users.controller';
import { PostgresMembershipStore } from './infrastructure/persistence/postgres-membership-store';
import { PostgresUserMembershipStore } from './infrastructure/persistence/postgres-user-membership-store';

export const membersControllers = [UsersController, InvitationsController];

/** Who belongs to a tenant, with which role: memberships and invitations. */
export const membersProviders = [
  Users,
  InviteUser,
  AssertInvitable,
  AcceptInvitation,
  ChangeMember,
  RemoveMember,
  MemberChange,
  ListMembers,
  FindMember,
  { provide: MembershipStore, useClass: PostgresMembershipStore },
  { provide: UserMembershipStore, useClass: PostgresUserMembershipStore },
];
