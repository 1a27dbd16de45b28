import { Readable } from 'node:stream';
import { Body, Controller, Get, Param, Post, Query, Req } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiOkResponse,
  ApiProperty,
  ApiPropertyOptional,
  ApiTags,
} from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../../../../src/kernel/errors';
import { sql } from '../../../../src/platform/database';
import { ApiPage, PageQueryDto, Pages, type Page } from '../../../../src/platform/pagination';
import {
  BytesBody,
  IdPipe,
  IsAmountText,
  IsCurrencyText,
  IsId,
  IsMetadata,
  IsNestedList,
  IsOneOf,
  IsTimestamp,
  StreamBody,
} from '../../../../src/platform/http';
import { Authenticated, CurrentPrincipal, Public, Scopes } from '../../../../src/platform/access';
import { Idempotency, IdempotentRoute } from '../../../../src/platform/idempotency';
import type { Principal } from '../../../../src/kernel/principal';

export class ProbeLineDto {
  @ApiProperty({ example: '100.50' })
  @IsAmountText()
  amount: string;
}

export class ProbeDto extends ProbeLineDto {
  @ApiProperty({ example: 'USD' })
  @IsCurrencyText()
  currency: string;
  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsId()
  recipient_id?: string;
  @ApiPropertyOptional({ enum: ['INDIVIDUAL', 'BUSINESS'] })
  @IsOptional()
  @IsOneOf(['INDIVIDUAL', 'BUSINESS'])
  kind?: string;
  @ApiPropertyOptional({ maxLength: 100 })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  note?: string;
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, string>;
  @ApiPropertyOptional({ type: [ProbeLineDto] })
  @IsOptional()
  @IsNestedList(() => ProbeLineDto, 3)
  lines?: ProbeLineDto[];
}

class ProbeQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ enum: ['NEW', 'DONE'] })
  @IsOptional()
  @IsOneOf(['NEW', 'DONE'])
  status?: string;
  @ApiPropertyOptional({ format: 'date-time' })
  @IsOptional()
  @IsTimestamp()
  'created_at[gte]'?: string;
}

class Overdrawn extends DomainError {
  readonly code = 'overdrawn';
  readonly kind = 'conflict';
}

/** What the test holds in its hand while a request runs. */
export const probe = { works: 0, entered: (): void => undefined, gate: Promise.resolve() };

const NUMBERS = Array.from({ length: 7 }, (_, i) => String(7 - i));

@Authenticated()
@ApiTags('probe')
@Controller('probe')
export class ProbeController {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly pages: Pages,
  ) {}

  @Post()
  @Scopes('settlements:write')
  @IdempotentRoute({ required: true })
  @ApiCreatedResponse({ type: ProbeDto })
  create(@Req() request: FastifyRequest, @CurrentPrincipal() principal: Principal, @Body() dto: ProbeDto) {
    return this.idempotency.execute(request, principal, async (tx) => {
      probe.works++;
      probe.entered();
      await sql(tx).count({
        text: 'INSERT INTO probe.effects (tenant_id) VALUES ($1)',
        values: [principal.tenantId],
      });
      await probe.gate;
      if (dto.note === 'refuse')
        throw new Overdrawn('Not enough money.', { missing_minor: 9_007_199_254_740_993n });
      return {
        status: 201,
        body: { z: 1, a: dto.amount, currency: dto.currency, kind: dto.kind },
        location: '/api/v1/probe/1',
      };
    });
  }

  @Get()
  @Scopes('settlements:read')
  @ApiPage(ProbeLineDto)
  list(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Query() query: ProbeQueryDto,
  ): Page<string> {
    const window = this.pages.window(request, principal, query);
    const at = Number(window.position?.[0]);
    const all = window.backwards ? [...NUMBERS].reverse() : NUMBERS;
    const found = all
      .filter((n) => !window.position || (window.backwards ? Number(n) > at : Number(n) < at))
      .slice(0, window.take);
    return this.pages.page(
      request,
      principal,
      window,
      found,
      (n) => [n],
      (n) => n,
    );
  }

  @Get('none')
  none(): object {
    return {};
  }

  @Get('fails')
  @Public()
  fails(): never {
    throw new Error('duplicate key in "SELECT secret FROM identity.api_keys" at /srv/app');
  }

  @Post('bytes')
  @Public()
  @BytesBody()
  bytes(@Body() body: Buffer): object {
    return { bytes: body.length };
  }

  @Post('stream')
  @StreamBody()
  @Scopes('settlements:write')
  async stream(@Req() request: FastifyRequest): Promise<object> {
    let bytes = 0;
    for await (const chunk of request.body as Readable) bytes += (chunk as Buffer).length;
    return { bytes };
  }

  @Get(':id')
  @ApiOkResponse({ type: ProbeLineDto })
  one(@Param('id', IdPipe) id: string): object {
    return { id };
  }
}
