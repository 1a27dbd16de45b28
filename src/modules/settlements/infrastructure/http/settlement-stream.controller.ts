import type { Readable } from 'node:stream';
import { Controller, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { TenantId } from '../../../../kernel/ids';
import type { Actor } from '../../../../kernel/actor';
import { ApiProblems, StreamBody } from '../../../../platform/http';
import { AuthorizedTransaction, CurrentActor, CurrentPrincipal, Scopes } from '../../../../platform/access';
import {
  Idempotency,
  type IdempotentResponse,
  IdempotentRoute,
  streamFingerprint,
} from '../../../../platform/idempotency';
import type { Principal } from '../../../../kernel/principal';
import { Log } from '../../../../platform/logging';
import { ReceiveLines } from '../../application/receive-lines';
import {
  type SettlementUpload,
  SettlementUploads,
  type UploadParameters,
} from '../../application/settlement-uploads';
import { STREAM_CONTENT } from './dto/examples';
import { SettlementStreamQueryDto } from './dto/settlement-query.dto';
import { settlementDto, SettlementDto } from './dto/settlement.dto';
import { makerOf } from './maker-of';
import { csvLines } from './stream/csv-lines';
import { HashedBody } from './stream/hashed-body';
import { ndjsonLines } from './stream/ndjson-lines';

/** A settlement as a stream of lines. Its parameters are in the URL, because the body has lines only. */
@ApiTags('settlements')
@Controller('settlements/stream')
export class SettlementStreamController {
  constructor(
    private readonly uploads: SettlementUploads,
    private readonly receiveLines: ReceiveLines,
    private readonly writes: AuthorizedTransaction,
    private readonly idempotency: Idempotency,
    private readonly log: Log,
  ) {}

  @Post()
  @HttpCode(202)
  @StreamBody()
  @Scopes('settlements:write')
  @IdempotentRoute()
  @ApiOperation({
    operationId: 'streamSettlement',
    summary: 'Record a settlement of up to 1,000,000 awards',
    description:
      'One award per line, as NDJSON or as CSV with a header. The response is sent when the body has ' +
      'arrived. The checks follow; GET `Location` returns their result: `recorded`, ' +
      '`awaiting_approval` above the limit of your tenant, or `rejected` with the first hundred ' +
      'problems by line. An incomplete stream is discarded.',
    requestBody: { required: true, content: STREAM_CONTENT },
  })
  @ApiAcceptedResponse({ type: SettlementDto, headers: { Location: { schema: { type: 'string' } } } })
  @ApiProblems(
    [409, 'stream_abandoned'],
    [415, 'unsupported_media_type'],
    [422, 'invalid_amount', 'invalid_currency', 'currency_not_allowed', 'invalid_line', 'too_many_awards'],
  )
  async receive(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Query() query: SettlementStreamQueryDto,
  ): Promise<IdempotentResponse> {
    await this.writes.admit(request, principal);
    const upload = await this.uploads.open(principal.tenantId, parametersOf(query));
    try {
      const response = await this.receiveBody(request, principal, actor, upload);
      if (response.replayed) await this.uploads.abandon(principal.tenantId, upload.id);
      return response;
    } catch (error) {
      await this.abandonQuietly(principal.tenantId, upload.id);
      throw error;
    }
  }

  private async receiveBody(
    request: FastifyRequest,
    principal: Principal,
    actor: Actor,
    upload: SettlementUpload,
  ): Promise<IdempotentResponse> {
    const body = new HashedBody(request.body as Readable);
    const lines = isCsv(request) ? csvLines(body.bytes()) : ndjsonLines(body.bytes());
    const rejection = await this.receiveLines.execute(principal.tenantId, upload, lines);
    const fingerprint = streamFingerprint(request, body.digest());
    return this.idempotency.execute(
      request,
      principal,
      async (tx) => {
        const settlement = await this.uploads.finish(tx, upload, rejection, makerOf(principal), actor);
        return {
          status: 202,
          body: settlementDto(settlement),
          location: `/api/v1/settlements/${settlement.id}`,
        };
      },
      { fingerprint },
    );
  }

  /** Only logs an error: the client gets the first one, and the schedule discards the upload later. */
  private async abandonQuietly(tenant: TenantId, id: string): Promise<void> {
    await this.uploads
      .abandon(tenant, id)
      .catch((error: unknown) =>
        this.log.warn('settlement.stream_not_abandoned', { tenant_id: tenant, settlement_id: id, error }),
      );
  }
}

function parametersOf(query: SettlementStreamQueryDto): UploadParameters {
  return {
    contestId: query.contest_id,
    currency: query.currency,
    pool: query.pool,
    platformShare: query.platform_share ?? '0',
    allowRemainder: query.allow_remainder ?? false,
    rail: query.rail ?? 'stripe',
  };
}

function isCsv(request: FastifyRequest): boolean {
  return /^text\/csv\b/i.test(request.headers['content-type'] ?? '');
}
