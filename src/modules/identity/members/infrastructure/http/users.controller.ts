import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../../../../kernel/actor';
import type { Principal } from '../../../../../kernel/principal';
import {
  AuthorizedTransaction,
  CurrentActor,
  CurrentPrincipal,
  Scopes,
} from '../../../../../platform/access';
import { ApiProblems, IdPipe } from '../../../../../platform/http';
import { ApiPage, type Page, PageQueryDto, Pages } from '../../../../../platform/pagination';
import type { TenantActor } from '../../../access/application/tenant-actor';
import { RequestPasswordReset } from '../../../accounts/application/request-password-reset';
import { ChangeMember } from '../../application/change-member';
import { FindMember } from '../../application/find-member.query';
import { InviteUser } from '../../application/invite-user';
import { ListMembers } from '../../application/list-members.query';
import { RemoveMember } from '../../application/remove-member';
import { ChangeUserDto, InvitationDto, InviteUserDto, OneTimeTokenDto, UserDto } from './dto/users.dto';

@ApiTags('identity')
@Controller('users')
export class UsersController {
  constructor(
    private readonly inviteUser: InviteUser,
    private readonly listMembers: ListMembers,
    private readonly findMember: FindMember,
    private readonly changeMember: ChangeMember,
    private readonly removeMember: RemoveMember,
    private readonly requestPasswordReset: RequestPasswordReset,
    private readonly writes: AuthorizedTransaction,
    private readonly pages: Pages,
  ) {}

  @Post()
  @Scopes('users:write')
  @ApiOperation({
    summary: 'Invite a user into your tenant',
    description:
      'No e-mail is sent: give the token to the user yourself. A second invitation replaces the token ' +
      'of the first.',
  })
  @ApiCreatedResponse({ type: InvitationDto })
  @ApiProblems(
    [403, 'role_above_yours'],
    [409, 'already_member'],
    [422, 'validation_failed', 'invalid_email', 'invalid_name'],
  )
  async invite(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Body() body: InviteUserDto,
  ): Promise<InvitationDto> {
    return this.writes.retryingAccess(request, principal, async (caller) =>
      InvitationDto.of(await this.inviteUser.execute(tenantActor(caller, actor), body)),
    );
  }

  @Get()
  @Scopes('users:read')
  @ApiOperation({ summary: 'List the users of your tenant, newest first' })
  @ApiPage(UserDto)
  async list(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Query() query: PageQueryDto,
  ): Promise<Page<UserDto>> {
    const window = this.pages.window(request, principal, query);
    const found = await this.listMembers.execute(principal.tenantId, window);
    return this.pages.page(
      request,
      principal,
      window,
      found,
      ({ position, userId }) => [position, userId],
      (member) => UserDto.of(member),
    );
  }

  @Get(':id')
  @Scopes('users:read')
  @ApiOperation({ summary: 'One user of your tenant' })
  @ApiOkResponse({ type: UserDto })
  @ApiProblems([404, 'user_not_found'])
  async one(@CurrentPrincipal() { tenantId }: Principal, @Param('id', IdPipe) id: string): Promise<UserDto> {
    return UserDto.of(await this.findMember.execute(tenantId, id));
  }

  @Patch(':id')
  @Scopes('users:write')
  @ApiOperation({
    summary: 'Change the role of a user in your tenant, or disable the user there',
    description:
      'Revokes the keys that derive from the user and have more scopes than the new role; all of them ' +
      'when the user is disabled.',
  })
  @ApiOkResponse({ type: UserDto })
  @ApiProblems(
    [403, 'role_above_yours'],
    [404, 'user_not_found'],
    [409, 'last_admin', 'invalid_transition'],
    422,
  )
  async change(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: ChangeUserDto,
  ): Promise<UserDto> {
    return this.writes.retryingAccess(request, principal, async (caller) => {
      const to = { role: body.role, isActive: body.is_active };
      return UserDto.of(await this.changeMember.execute(tenantActor(caller, actor), id, to));
    });
  }

  @Delete(':id')
  @HttpCode(204)
  @Scopes('users:write')
  @ApiOperation({
    summary: 'Remove a user from your tenant',
    description: 'Revokes the keys that derive from the user.',
  })
  @ApiNoContentResponse()
  @ApiProblems([403, 'role_above_yours'], [404, 'user_not_found'], [409, 'last_admin'])
  async remove(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
  ): Promise<void> {
    await this.writes.retryingAccess(request, principal, (caller) =>
      this.removeMember.execute(tenantActor(caller, actor), id),
    );
  }

  @Post(':id/reset-password')
  @Scopes('users:write')
  @ApiOperation({
    summary: 'Get a token with which a user chooses a new password',
    description:
      'Expires after an hour. Only for users who have accepted your tenant and no other. Using it ' +
      'ends their open invitations.',
  })
  @ApiCreatedResponse({ type: OneTimeTokenDto })
  @ApiProblems([403, 'role_above_yours', 'reset_not_yours'], [404, 'user_not_found'])
  async resetPassword(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
  ): Promise<OneTimeTokenDto> {
    const { token, expiresAt } = await this.writes.retryingAccess(request, principal, (caller) =>
      this.requestPasswordReset.execute(tenantActor(caller, actor), id),
    );
    return { token, expires_at: expiresAt.toISOString() };
  }
}

function tenantActor({ tenantId, scopes, accessEpoch }: Principal, actor: Actor): TenantActor {
  return { tenantId, scopes, accessEpoch, actor };
}
