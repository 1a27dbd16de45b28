import { Controller, Get, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags, IntersectionType } from '@nestjs/swagger';
import { IsOptional, Length, Matches } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { UnitOfWork } from '../../kernel/tx';
import { ApiPage, PageQueryDto, Pages, type Page } from '../pagination';
import { CurrentPrincipal, Scopes } from '../access';
import { IsId, IsOneOf, IsTimestamp, validationFailed } from '../http';
import type { Principal } from '../../kernel/principal';
import { type AuditFilters, ListAuditLog, type AuditRow } from './list-audit-log.query';

const ACTOR_KINDS = ['api_key', 'user', 'system'] as const;
const SNAPSHOT = { type: 'object', additionalProperties: true, nullable: true } as const;

export class AuditFiltersDto {
  @ApiPropertyOptional({ example: 'recipient.changed' })
  @IsOptional()
  @Matches(/^[a-z_]{1,64}\.[a-z_]{1,64}$/, { message: 'action must be a name such as "recipient.changed"' })
  action?: string;

  @ApiPropertyOptional({ example: 'recipient' })
  @IsOptional()
  @Matches(/^[a-z_]{1,64}$/, { message: 'entity_kind must be a name such as "recipient"' })
  entity_kind?: string;

  @ApiPropertyOptional({
    example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10',
    description: 'Together with `entity_kind`.',
  })
  @IsOptional()
  @Length(1, 255)
  entity_id?: string;

  @ApiPropertyOptional({ enum: ACTOR_KINDS })
  @IsOptional()
  @IsOneOf(ACTOR_KINDS)
  actor_kind?: (typeof ACTOR_KINDS)[number];

  @ApiPropertyOptional({ format: 'uuid', description: 'Id of an API key or of a user.' })
  @IsOptional()
  @IsId()
  actor_id?: string;

  @ApiPropertyOptional({ format: 'date-time', example: '2025-11-21T00:00:00Z' })
  @IsOptional()
  @IsTimestamp()
  'at[gte]'?: string;

  @ApiPropertyOptional({ format: 'date-time', example: '2025-11-22T00:00:00Z' })
  @IsOptional()
  @IsTimestamp()
  'at[lte]'?: string;
}

export class AuditQueryDto extends IntersectionType(PageQueryDto, AuditFiltersDto) {}

export class AuditActorDto {
  @ApiProperty({ enum: ACTOR_KINDS, example: 'api_key' }) kind: string;
  @ApiProperty({ format: 'uuid', nullable: true, type: String }) id: string | null;
  @ApiProperty({ example: 'production', description: 'As it was then.' }) name: string;
}

export class AuditEntityDto {
  @ApiProperty({ example: 'recipient' }) kind: string;
  @ApiProperty({ example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10' }) id: string;
}

export class AuditRecordDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ format: 'date-time' }) at: string;
  @ApiProperty({ example: 'recipient.changed' }) action: string;
  @ApiProperty({ type: AuditActorDto }) actor: AuditActorDto;
  @ApiProperty({ type: AuditEntityDto }) entity: AuditEntityDto;
  @ApiProperty({
    ...SNAPSHOT,
    example: { name: 'Ann' },
    description: 'What was there before; of a change, the fields that differ.',
  })
  before: Record<string, unknown> | null;
  @ApiProperty({ ...SNAPSHOT, example: { name: 'Anna' }, description: 'Secrets are `[redacted]`.' })
  after: Record<string, unknown> | null;
  @ApiProperty({
    example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10',
    nullable: true,
    type: String,
    description: 'The `X-Request-Id` of the request.',
  })
  request_id: string | null;
  @ApiProperty({ example: '192.0.2.1', nullable: true, type: String }) address: string | null;
}

@ApiTags('audit')
@Controller('audit-log')
export class AuditLogController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly list: ListAuditLog,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Scopes('audit:read')
  @ApiOperation({
    summary: 'Who did what, newest first',
    description: 'Records are written together with the action, and never changed.',
  })
  @ApiPage(AuditRecordDto)
  async all(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Query() query: AuditQueryDto,
  ): Promise<Page<AuditRecordDto>> {
    const filters = filtersOf(query);
    const window = this.pages.window(request, principal, query);
    const rows = await this.uow.run(principal.tenantId, (tx) => this.list.run(tx, filters, window), {
      readOnly: true,
    });
    return this.pages.page(request, principal, window, rows, ({ id }) => [id], dtoOf);
  }
}

export function filtersOf(query: AuditFiltersDto): AuditFilters {
  const {
    action,
    entity_kind: entityKind,
    entity_id: entityId,
    actor_id: actorId,
    actor_kind: actorKind,
  } = query;
  if (entityId !== undefined && entityKind === undefined)
    throw validationFailed({ entity_id: ['entity_id is given together with entity_kind'] });
  return { action, entityKind, entityId, actorId, actorKind, from: query['at[gte]'], to: query['at[lte]'] };
}

function dtoOf(row: AuditRow): AuditRecordDto {
  return {
    id: row.id,
    at: row.at.toISOString(),
    action: row.action,
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
    entity: { kind: row.entity_kind, id: row.entity_id },
    before: row.before,
    after: row.after,
    request_id: row.request_id,
    address: row.address,
  };
}
