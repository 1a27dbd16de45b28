import { Body, Controller, Get, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import type { Actor } from '../../../../kernel/actor';
import { ApiPage, Pages, type Page } from '../../../../platform/pagination';
import { ApiProblems, IdPipe } from '../../../../platform/http';
import { CurrentActor, CurrentPrincipal, Scopes } from '../../../../platform/access';
import { Idempotency, IdempotentRoute, type IdempotentResponse } from '../../../../platform/idempotency';
import type { Principal } from '../../../../kernel/principal';
import { DecideTransfer } from '../../application/decide-transfer';
import { ListTransfers } from '../../application/list-transfers.query';
import { RetryTransfer } from '../../application/retry-transfer';
import { ShowTransfer } from '../../application/transfer-detail.query';
import {
  MarkPaidDto,
  ReasonDto,
  transferDetailDto,
  TransferDetailDto,
  transferDto,
  TransferDto,
  TransferQueryDto,
} from './dto/transfer.dto';

@ApiTags('transfers')
@Controller('transfers')
export class TransfersController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly list: ListTransfers,
    private readonly show: ShowTransfer,
    private readonly decide: DecideTransfer,
    private readonly retryTransfer: RetryTransfer,
    private readonly idempotency: Idempotency,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Scopes('transfers:read')
  @ApiOperation({ summary: 'Transfers, newest first' })
  @ApiPage(TransferDto)
  async all(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Query() query: TransferQueryDto,
  ): Promise<Page<TransferDto>> {
    const window = this.pages.window(request, principal, query);
    const filters = { status: query.status, recipientId: query.recipient_id, jobId: query.job };
    const rows = await this.uow.run(principal.tenantId, (tx) => this.list.execute(tx, filters, window), {
      readOnly: true,
    });
    return this.pages.page(request, principal, window, rows, (row) => [row.id], transferDto);
  }

  @Get(':id')
  @Scopes('transfers:read')
  @ApiOperation({ summary: 'One transfer with all attempts, transitions and evidence' })
  @ApiOkResponse({ type: TransferDetailDto })
  @ApiProblems([404, 'transfer_not_found'])
  one(@CurrentPrincipal() principal: Principal, @Param('id', IdPipe) id: string): Promise<TransferDetailDto> {
    return this.uow.run(
      principal.tenantId,
      async (tx) => transferDetailDto(await this.show.execute(tx, id)),
      {
        readOnly: true,
      },
    );
  }

  @Post(':id/retry')
  @Scopes('transfers:operate')
  @IdempotentRoute()
  @ApiOperation({
    summary: 'Retry now; a transfer that has ended is re-opened after a look-up at the provider',
  })
  @ApiOkResponse({ type: TransferDetailDto })
  @ApiProblems(
    [404, 'transfer_not_found'],
    [
      409,
      'invalid_transition',
      'transfer_in_flight',
      'provider_holds_transfer',
      'origin_ended',
      'insufficient_balance',
    ],
    [503, 'look_up_failed'],
  )
  retry(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: ReasonDto,
  ): Promise<IdempotentResponse> {
    // The provider is called outside any transaction. Repeated after a crash, it changes nothing more.
    const retryAtProvider = () =>
      this.retryTransfer.execute({
        tenant: principal.tenantId,
        transferId: id,
        reason: body.reason,
        actor,
      });
    return this.respond(request, principal, id, async () => undefined, retryAtProvider);
  }

  @Post(':id/cancel')
  @Scopes('transfers:operate')
  @IdempotentRoute()
  @ApiOperation({ summary: 'Cancel a transfer that cannot have moved any money' })
  @ApiOkResponse({ type: TransferDetailDto })
  @ApiProblems([404, 'transfer_not_found'], [409, 'invalid_transition', 'transfer_in_flight'])
  cancel(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: ReasonDto,
  ): Promise<IdempotentResponse> {
    return this.respond(request, principal, id, (tx) =>
      this.decide.cancel(tx, { transferId: id, reason: body.reason, actor }),
    );
  }

  @Post(':id/mark-paid')
  @Scopes('transfers:operate')
  @IdempotentRoute()
  @ApiOperation({ summary: 'Manual rail: the money was sent' })
  @ApiOkResponse({ type: TransferDetailDto })
  @ApiProblems([404, 'transfer_not_found'], [409, 'invalid_transition'])
  markPaid(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: MarkPaidDto,
  ): Promise<IdempotentResponse> {
    const command = { transferId: id, reason: body.reason, actor, externalId: body.external_id };
    return this.respond(request, principal, id, (tx) => this.decide.markPaid(tx, command));
  }

  @Post(':id/mark-failed')
  @Scopes('transfers:operate')
  @IdempotentRoute()
  @ApiOperation({ summary: 'Manual rail: the money will not be sent' })
  @ApiOkResponse({ type: TransferDetailDto })
  @ApiProblems([404, 'transfer_not_found'], [409, 'invalid_transition'])
  markFailed(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: ReasonDto,
  ): Promise<IdempotentResponse> {
    return this.respond(request, principal, id, (tx) =>
      this.decide.markFailed(tx, { transferId: id, reason: body.reason, actor }),
    );
  }

  private respond(
    request: FastifyRequest,
    principal: Principal,
    id: string,
    decision: (tx: Tx) => Promise<void>,
    prepare?: () => Promise<unknown>,
  ): Promise<IdempotentResponse> {
    return this.idempotency.execute(
      request,
      principal,
      async (tx) => {
        await decision(tx);
        return { status: 200, body: transferDetailDto(await this.show.execute(tx, id)) };
      },
      { prepare },
    );
  }
}
