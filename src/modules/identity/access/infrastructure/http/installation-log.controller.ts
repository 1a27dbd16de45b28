import { Controller, Get, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { UnitOfWork } from '../../../../../kernel/tx';
import { ApiPage, type Page, PageQueryDto, Pages } from '../../../../../platform/pagination';
import { IsId } from '../../../../../platform/http';
import { WithoutTenant } from '../../../../../platform/access';
import { InstallationLog, type InstallationRecord } from '../../application/installation-log';

export class InstallationLogQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ format: 'uuid', description: 'Whom it was done to.' })
  @IsOptional()
  @IsId()
  user_id?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'Who did it.' })
  @IsOptional()
  @IsId()
  actor_id?: string;
}

export class InstallationActorDto {
  @ApiProperty({ enum: ['user', 'system'], example: 'user' }) kind: string;
  @ApiProperty({ format: 'uuid', nullable: true, type: String }) id: string | null;
  @ApiProperty({ example: 'Ann Lee', description: 'As it was then.' }) name: string;
}

export class InstallationRecordDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ format: 'date-time' }) at: string;
  @ApiProperty({ example: 'user.disabled' }) action: string;
  @ApiProperty({ type: InstallationActorDto }) actor: InstallationActorDto;
  @ApiProperty({ format: 'uuid' }) user_id: string;
  @ApiProperty({
    example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10',
    nullable: true,
    type: String,
    description: 'The `X-Request-Id` of the request.',
  })
  request_id: string | null;
  @ApiProperty({ example: '192.0.2.1', nullable: true, type: String }) address: string | null;

  static of({ id, at, action, actor, userId }: InstallationRecord): InstallationRecordDto {
    const { kind, id: actorId, name, requestId, address } = actor;
    return {
      id,
      at: at.toISOString(),
      action,
      actor: { kind, id: actorId, name },
      user_id: userId,
      request_id: requestId,
      address,
    };
  }
}

@ApiTags('identity')
@Controller('platform-audit-log')
export class InstallationLogController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly log: InstallationLog,
    private readonly pages: Pages,
  ) {}

  @Get()
  @WithoutTenant('platform_users:read')
  @ApiOperation({
    summary: 'What was done to people of the installation, newest first',
    description: 'By the command line, by administrators of the installation, and by the people themselves.',
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
