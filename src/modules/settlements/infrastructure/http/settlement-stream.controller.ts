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
import { type Intake, ReceiveStream } from '../../application/receive-stream';
import { STREAM_CONTENT } from './dto/examples';
import { SettlementStreamQueryDto } from './dto/settlement-query.dto';
import { settlementDto, SettlementDto } from './dto/settlement.dto';
import { makerOf } from './maker';
import { csvLines } from './stream/csv-lines';
import { HashedBody } from './stream/hashed-body';
import { ndjsonLines } from './stream/ndjson-lines';

/**
 * A settlement of any size, line by line. The parameters stand in the address because the body has only
 * lines.
 */
@ApiTags('settlements')
@Controller('settlements/stream')
export class SettlementStreamController {
  constructor(
    private readonly receiveStream: ReceiveStream,
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
      'One award a line, as NDJSON or as CSV with a header. The answer comes when the body has arrived; the checks follow, and `Location` tells how they ended: `recorded`, `awaiting_approval` above the limit of your tenant, or `rejected` with the first hundred problems by line. A stream that breaks off leaves nothing.',
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
    const intake = await this.receiveStream.open(principal.tenantId, announcementOf(query));
    try {
      const answer = await this.take(request, principal, actor, intake);
      if (answer.replayed) await this.receiveStream.abandon(principal.tenantId, intake.id);
      return answer;
    } catch (error) {
      await this.giveUp(principal.tenantId, intake.id);
      throw error;
    }
  }

  private async take(
    request: FastifyRequest,
    principal: Principal,
    actor: Actor,
    intake: Intake,
  ): Promise<IdempotentResponse> {
    const body = new HashedBody(request.body as Readable);
    const lines = isCsv(request) ? csvLines(body.bytes()) : ndjsonLines(body.bytes());
    const refused = await this.receiveStream.take(principal.tenantId, intake, lines);
    const fingerprint = streamFingerprint(request, body.digest());
    return this.idempotency.run(
      request,
      principal,
      async (tx) => {
        const settlement = await this.receiveStream.finish(tx, intake, refused, makerOf(principal), actor);
        return {
          status: 202,
          body: settlementDto(settlement),
          location: `/api/v1/settlements/${settlement.id}`,
        };
      },
      { fingerprint },
    );
  }

  /** The first failure is the one to tell; what could not be cleaned up now is found by the schedule. */
  private async giveUp(tenant: TenantId, id: string): Promise<void> {
    await this.receiveStream
      .abandon(tenant, id)
      .catch((error: unknown) =>
        this.log.warn('settlement.stream_not_abandoned', { tenant_id: tenant, settlement_id: id, error }),
      );
  }
}

function announcementOf(query: SettlementStreamQueryDto) {
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
