import { Body, Controller, Get, HttpCode, Param, Patch, Query, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../../../../kernel/actor';
import { ApiPage, type Page, Pages } from '../../../../../platform/pagination';
import { ApiProblems, IdPipe } from '../../../../../platform/http';
import {
  AuthorizedTransaction,
  CurrentActor,
  CurrentUser,
  WithoutTenant,
} from '../../../../../platform/access';
import type { AuthenticatedUser } from '../../../../../kernel/principal';
import { PlatformUsers } from '../../application/platform-users';
import { ChangePersonDto, PlatformUserDto, PlatformUsersQueryDto } from './dto/platform-users.dto';

@ApiTags('identity')
@Controller('platform-users')
export class PlatformUsersController {
  constructor(
    private readonly users: PlatformUsers,
    private readonly writes: AuthorizedTransaction,
    private readonly pages: Pages,
  ) {}

  @Get()
  @WithoutTenant('platform_users:read')
  @ApiOperation({ summary: 'List the people of the installation, newest first' })
  @ApiPage(PlatformUserDto)
  async list(
    @Req() request: FastifyRequest,
    @Query() query: PlatformUsersQueryDto,
  ): Promise<Page<PlatformUserDto>> {
    const window = this.pages.window(request, null, query);
    const found = await this.users.list(
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
    summary:
      'Shut a person out of the whole installation, let them in again, or end their administration of it',
    description:
      'Every session and token of the person ends at once, and with them, in every tenant, the keys that they stand behind and that may do more than what is left to them. What is so already is left alone.',
  })
  @ApiNoContentResponse()
  @ApiProblems([403, 'csrf_failed'], [404, 'user_not_found'], [409, 'last_platform_admin'], 422)
  async change(
    @Req() request: FastifyRequest,
    @CurrentUser() person: AuthenticatedUser,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: ChangePersonDto,
  ): Promise<void> {
    await this.writes.withPerson(request, person, ({ accessEpoch }) =>
      this.users.change(
        id,
        { isActive: body.is_active, isPlatformAdmin: body.is_platform_admin },
        actor,
        accessEpoch,
      ),
    );
  }
}
