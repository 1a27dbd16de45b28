import { Controller, Get, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { UnitOfWork } from '../../../../../kernel/tx';
import { WithoutTenant } from '../../../../../platform/access';
import { ApiPage, type Page, Pages } from '../../../../../platform/pagination';
import { InstallationLogStore } from '../../application/ports';
import { InstallationLogQueryDto, InstallationRecordDto } from './dto/installation-log.dto';

@ApiTags('identity')
@Controller('platform-audit-log')
export class InstallationLogController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly log: InstallationLogStore,
    private readonly pages: Pages,
  ) {}

  @Get()
  @WithoutTenant('platform_users:read')
  @ApiOperation({
    summary: 'Changes of users of the installation, newest first',
    description: 'Made by the command line, by platform admins, and by the users themselves.',
  })
  @ApiPage(InstallationRecordDto)
  async all(
    @Req() request: FastifyRequest,
    @Query() query: InstallationLogQueryDto,
  ): Promise<Page<InstallationRecordDto>> {
    const window = this.pages.window(request, null, query);
    const found = await this.uow.runAcrossTenants((tx) =>
      this.log.list(tx, { userId: query.user_id, actorId: query.actor_id }, window),
    );
    return this.pages.page(
      request,
      null,
      window,
      found,
      ({ id }) => [id],
      (record) => InstallationRecordDto.of(record),
    );
  }
}
