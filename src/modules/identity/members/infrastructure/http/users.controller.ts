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
import { ApiPage, type Page, PageQueryDto, Pages } from '../../../../../platform/pagination';
import { ApiProblems, IdPipe } from '../../../../../platform/http';
import {
  AuthorizedTransaction,
  CurrentActor,
  CurrentPrincipal,
  Scopes,
} from '../../../../../platform/access';
import type { Principal } from '../../../../../kernel/principal';
import { AskPasswordReset } from '../../../accounts/application/request-password-reset';
import type { Keeper } from '../../../access/application/tenant-actor';
import { ListMembers } from '../../application/list-members.query';
import { Members } from '../../application/members';
import { People } from '../../application/users.facade';
import { ChangeUserDto, InvitationDto, InviteUserDto, OneTimeTokenDto, UserDto } from './dto/users.dto';

@ApiTags('identity')
@Controller('users')
export class UsersController {
  constructor(
    private readonly people: People,
    private readonly members: Members,
    private readonly listMembers: ListMembers,
    private readonly askingReset: AskPasswordReset,
    private readonly writes: AuthorizedTransaction,
    private readonly pages: Pages,
  ) {}

  @Post()
  @Scopes('users:write')
  @ApiOperation({
    summary: 'Invite somebody into your tenant',
    description:
      'Hand the token over yourself: nothing is sent. Inviting again replaces a token that was not used.',
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
    return this.writes.retryingAccess(request, principal, async (known) =>
      InvitationDto.of(await this.people.invite(keeperOf(known, actor), body)),
    );
  }

  @Get()
  @Scopes('users:read')
  @ApiOperation({ summary: 'List the people of your tenant, newest first' })
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
  @ApiOperation({ summary: 'One person of your tenant' })
  @ApiOkResponse({ type: UserDto })
  @ApiProblems([404, 'user_not_found'])
  async one(@CurrentPrincipal() { tenantId }: Principal, @Param('id', IdPipe) id: string): Promise<UserDto> {
    return UserDto.of(await this.listMembers.one(tenantId, id));
  }

  @Patch(':id')
  @Scopes('users:write')
  @ApiOperation({
    summary: 'Change what somebody may do in your tenant',
    description:
      'Keys that they made or rotated, and those that these made, are revoked where they may do more than the new role; when the person is shut out, all of them.',
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
    return this.writes.retryingAccess(request, principal, async (known) =>
      UserDto.of(
        await this.members.change(keeperOf(known, actor), id, { role: body.role, isActive: body.is_active }),
      ),
    );
  }

  @Delete(':id')
  @HttpCode(204)
  @Scopes('users:write')
  @ApiOperation({
    summary: 'Take somebody out of your tenant',
    description: 'Keys that they made or rotated, and those that these made, are revoked with it.',
  })
  @ApiNoContentResponse()
  @ApiProblems([403, 'role_above_yours'], [404, 'user_not_found'], [409, 'last_admin'])
  async remove(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
  ): Promise<void> {
    await this.writes.retryingAccess(request, principal, (known) =>
      this.members.remove(keeperOf(known, actor), id),
    );
  }

  @Post(':id/reset-password')
  @Scopes('users:write')
  @ApiOperation({
    summary: 'Get a token with which somebody chooses a new password',
    description:
      'Lives an hour. Only for people who have accepted your tenant and no other; using it ends the invitations that they have not accepted.',
  })
  @ApiCreatedResponse({ type: OneTimeTokenDto })
  @ApiProblems([403, 'role_above_yours', 'reset_not_yours'], [404, 'user_not_found'])
  async resetPassword(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
  ): Promise<OneTimeTokenDto> {
    const { token, expiresAt } = await this.writes.retryingAccess(request, principal, (known) =>
      this.askingReset.execute(keeperOf(known, actor), id),
    );
    return { token, expires_at: expiresAt.toISOString() };
  }
}

function keeperOf({ tenantId, scopes, accessEpoch }: Principal, actor: Actor): Keeper {
  return { tenantId, scopes, accessEpoch, actor };
}
