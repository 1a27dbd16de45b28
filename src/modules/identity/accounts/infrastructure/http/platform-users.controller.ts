import { Body, Controller, Get, HttpCode, Param, Patch, Query, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../../../../kernel/actor';
import type { AuthenticatedUser } from '../../../../../kernel/principal';
import {
  AuthorizedTransaction,
  CurrentActor,
  CurrentUser,
  WithoutTenant,
} from '../../../../../platform/access';
import { ApiProblems, IdPipe } from '../../../../../platform/http';
import { ApiPage, type Page, Pages } from '../../../../../platform/pagination';
import { ListUsers } from '../../application/list-users.query';
import { UpdateAccountFlags } from '../../application/update-account-flags';
import { PlatformUserDto, PlatformUsersQueryDto, UpdateAccountFlagsDto } from './dto/platform-users.dto';

@ApiTags('identity')
@Controller('platform-users')
export class PlatformUsersController {
  constructor(
    private readonly listUsers: ListUsers,
    private readonly updateAccountFlags: UpdateAccountFlags,
    private readonly writes: AuthorizedTransaction,
    private readonly pages: Pages,
  ) {}

  @Get()
  @WithoutTenant('platform_users:read')
  @ApiOperation({ summary: 'List the users of the installation, newest first' })
  @ApiPage(PlatformUserDto)
  async list(
    @Req() request: FastifyRequest,
    @Query() query: PlatformUsersQueryDto,
  ): Promise<Page<PlatformUserDto>> {
    const window = this.pages.window(request, null, query);
    const found = await this.listUsers.execute(
      { email: query.email, isPlatformAdmin: query.is_platform_admin },
      window,
    );
    return this.pages.page(
      request,
      null,
      window,
      found,
      ({ position, id }) => [position, id],
      (user) => PlatformUserDto.of(user),
    );
  }

  @Patch(':id')
  @HttpCode(204)
  @WithoutTenant('platform_users:write')
  @ApiOperation({
    summary: 'Disable or enable a user in the whole installation, or demote a platform admin',
    description:
      'Ends all sessions and tokens of the user at once and revokes, in every tenant, the keys that derive from ' +
      'the user and have more scopes than the user still has. A request that changes nothing ends nothing.',
  })
  @ApiNoContentResponse()
  @ApiProblems([403, 'csrf_failed'], [404, 'user_not_found'], [409, 'last_platform_admin'], 422)
  async change(
    @Req() request: FastifyRequest,
    @CurrentUser() user: AuthenticatedUser,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: UpdateAccountFlagsDto,
  ): Promise<void> {
    await this.writes.withPerson(request, user, ({ accessEpoch }) =>
      this.updateAccountFlags.execute(
        id,
        { isActive: body.is_active, isPlatformAdmin: body.is_platform_admin },
        actor,
        accessEpoch,
      ),
    );
  }
}
