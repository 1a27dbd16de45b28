import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import {
  type Actor,
  type RouteResponse,
  ApiPage,
  ApiProblems,
  AuthorizedTransaction,
  CurrentActor,
  CurrentPrincipal,
  Idempotency,
  type IdempotentResponse,
  IdempotentRoute,
  IdPipe,
  CachedList,
  type Page,
  PageQueryDto,
  Pages,
  type Principal,
  Scopes,
  type BatchedIdempotentWrite,
} from '../../../../platform/http';
import { ChangePayout } from '../../application/change-payout';
import {
  CreatePayouts,
  isPlanned,
  isRefused,
  type MadePayout,
  type PayoutAsked,
  type PlannedPayout,
} from '../../application/create-payouts';
import { ListPayouts } from '../../application/list-payouts.query';
import { PAYOUT_PAGES, PayoutStore } from '../../application/ports';
import { BatchRefused, PayoutNotFound } from '../../domain/errors';
import type { PayoutSnapshot } from '../../domain/payout';
import { payoutBatchDto, PayoutBatchDto } from './dto/payout-batch.dto';
import {
  BATCH_MAX,
  ChangePayoutDto,
  CreatePayoutDto,
  CreatePayoutsDto,
  type PayoutOrderDto,
  PayoutReasonDto,
} from './dto/payout-input.dto';
import { filtersOf, PayoutQueryDto } from './dto/payout-query.dto';
import { PayoutDto, payoutDto, PayoutEventDto, payoutEventDto } from './dto/payout.dto';

const ONLY_WHILE_NEW =
  'Only while it is NEW, which is moments. After that `PATCH /payouts/{id}` with `{"status":"FAILED"}` stops it while nothing can have moved.';
const NOTHING_DELETED =
  'Nothing is deleted: the payout is answered as CANCELLED, and stays in lists and in the audit trail.';
const KEY = { field: 'idempotency_key' };

@ApiTags('payouts')
@Controller('payouts')
export class PayoutsController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly writes: AuthorizedTransaction,
    private readonly createPayouts: CreatePayouts,
    private readonly changePayout: ChangePayout,
    private readonly payouts: PayoutStore,
    private readonly list: ListPayouts,
    private readonly idempotency: Idempotency,
    private readonly pages: Pages,
  ) {}

  @Post()
  @Scopes('payouts:write')
  @IdempotentRoute(KEY)
  @ApiOperation({
    summary: 'Ask to pay somebody',
    description:
      'It is owed from now on, and paid without further ado: NEW, PROCESSING, then COMPLETED or FAILED with a reason. Name, account number and bank code are kept as they are now.',
  })
  @ApiCreatedResponse({ type: PayoutDto })
  @ApiProblems(
    [404, 'recipient_not_found'],
    [409, 'recipient_inactive', 'rail_account_missing'],
    [422, 'invalid_amount', 'invalid_currency', 'currency_not_allowed', 'amount_not_payable'],
  )
  create(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Body() body: CreatePayoutDto,
  ): Promise<IdempotentResponse> {
    return this.idempotency.runBatched(request, principal, this.createEach, { order: orderOf(body), actor });
  }

  @Post('batch')
  @Scopes('payouts:write')
  @IdempotentRoute(KEY)
  @ApiOperation({
    operationId: 'createPayouts',
    summary: `Ask to pay up to ${BATCH_MAX} people`,
    description:
      'One key for all. Everything is checked; what can be made is made, together, and each order that cannot has its reason in its place. When none can be made the answer is 422 with all reasons.',
  })
  @ApiCreatedResponse({ type: PayoutBatchDto })
  @ApiProblems([422, 'batch_refused'])
  createAll(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Body() body: CreatePayoutsDto,
  ): Promise<IdempotentResponse> {
    return this.idempotency.runSingle(request, principal, async (tx) => {
      const outcomes = await this.createPayouts.plan(
        tx,
        body.payouts.map((order) => ({ order: orderOf(order), actor })),
      );
      const made = outcomes.filter(isPlanned);
      if (!made.length) throw new BatchRefused(outcomes.filter(isRefused));
      return {
        status: 201,
        body: payoutBatchDto(outcomes),
        writes: this.createPayouts.writes(
          tx,
          made.map((payout) => ({ payout, actor })),
        ),
      };
    });
  }

  @Get()
  @Scopes('payouts:read')
  @CachedList(PAYOUT_PAGES)
  @ApiOperation({ summary: 'Payouts, newest first' })
  @ApiPage(PayoutDto)
  @ApiProblems([422, 'validation_failed', 'invalid_currency', 'invalid_amount'])
  async all(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Query() query: PayoutQueryDto,
  ): Promise<Page<PayoutDto>> {
    const filters = filtersOf(query);
    const window = this.pages.window(request, principal, query);
    const rows = await this.uow.run(principal.tenantId, (tx) => this.list.execute(tx, filters, window), {
      readOnly: true,
    });
    return this.pages.page(request, principal, window, rows, ({ id }) => [id], payoutDto);
  }

  @Get(':id')
  @Scopes('payouts:read')
  @ApiOperation({ summary: 'One payout' })
  @ApiOkResponse({ type: PayoutDto })
  @ApiProblems([404, 'payout_not_found'])
  async one(@CurrentPrincipal() principal: Principal, @Param('id', IdPipe) id: string): Promise<PayoutDto> {
    return payoutDto(await this.uow.run(principal.tenantId, (tx) => this.found(tx, id), { readOnly: true }));
  }

  @Get(':id/events')
  @Scopes('payouts:read')
  @ApiOperation({ summary: 'What happened to a payout, newest first' })
  @ApiPage(PayoutEventDto)
  @ApiProblems([404, 'payout_not_found'])
  async events(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Param('id', IdPipe) id: string,
    @Query() query: PageQueryDto,
  ): Promise<Page<PayoutEventDto>> {
    const window = this.pages.window(request, principal, query);
    const rows = await this.uow.run(
      principal.tenantId,
      async (tx) => {
        await this.found(tx, id);
        return this.list.events(tx, id, window);
      },
      { readOnly: true },
    );
    return this.pages.page(request, principal, window, rows, (row) => [row.id], payoutEventDto);
  }

  @Patch(':id')
  @Scopes('payouts:operate')
  @ApiOperation({
    summary: 'Change the status of a payout',
    description:
      'For people who operate payouts. What has ended stays. From PROCESSING the transfer decides: FAILED stops it while nothing can have moved; COMPLETED is for the manual rail, with `external_id`.',
  })
  @ApiOkResponse({ type: PayoutDto })
  @ApiProblems(
    [404, 'payout_not_found'],
    [409, 'invalid_transition', 'transfer_decides', 'transfer_in_flight'],
    [422, 'validation_failed', 'bank_reference_missing'],
  )
  async change(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: ChangePayoutDto,
  ): Promise<PayoutDto> {
    const command = {
      to: body.status,
      reason: body.reason ?? `changed by ${actor.name}`,
      externalId: body.external_id,
      actor,
    };
    return payoutDto(
      await this.writes.run(request, principal, (tx) => this.changePayout.execute(tx, id, command)),
    );
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Scopes('payouts:operate')
  @IdempotentRoute()
  @ApiOperation({
    summary: 'Cancel a payout of which nothing was sent',
    description: `${ONLY_WHILE_NEW} ${NOTHING_DELETED}`,
  })
  @ApiOkResponse({ type: PayoutDto })
  @ApiProblems([404, 'payout_not_found'], [409, 'invalid_transition'])
  cancel(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: PayoutReasonDto,
  ): Promise<IdempotentResponse> {
    return this.idempotency.run(request, principal, async (tx) => ({
      status: 200,
      body: payoutDto(await this.cancelled(tx, id, body.reason, actor)),
    }));
  }

  @Delete(':id')
  @Scopes('payouts:operate')
  @ApiOperation({
    summary: 'Cancel a payout of which nothing was sent',
    description: `${ONLY_WHILE_NEW} ${NOTHING_DELETED}`,
  })
  @ApiOkResponse({ type: PayoutDto })
  @ApiProblems([404, 'payout_not_found'], [409, 'invalid_transition'])
  async remove(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
  ): Promise<PayoutDto> {
    return payoutDto(
      await this.writes.run(request, principal, (tx) => this.cancelled(tx, id, undefined, actor)),
    );
  }

  /** Requests that come in at once are one transaction. */
  private readonly createEach: BatchedIdempotentWrite<PayoutAsked> = {
    name: 'payouts.create',
    execute: async (tx, asked) => {
      const planned = await this.createPayouts.plan(tx, asked);
      const made = asked.flatMap(({ actor }, nth) => madeOf(planned[nth], actor));
      return {
        answers: planned.map((outcome) => (isPlanned(outcome) ? createdAnswer(outcome) : outcome)),
        writes: this.createPayouts.writes(tx, made),
      };
    },
  };

  private cancelled(tx: Tx, id: string, reason: string | undefined, actor: Actor): Promise<PayoutSnapshot> {
    return this.changePayout.execute(tx, id, {
      to: 'CANCELLED',
      reason: reason ?? `cancelled by ${actor.name}`,
      actor,
    });
  }

  private async found(tx: Tx, id: string): Promise<PayoutSnapshot> {
    const payout = await this.payouts.find(tx, id);
    if (!payout) throw new PayoutNotFound();
    return payout;
  }
}

function madeOf(outcome: PlannedPayout | undefined, actor: Actor): MadePayout[] {
  return outcome && isPlanned(outcome) ? [{ payout: outcome, actor }] : [];
}

function createdAnswer(payout: PayoutSnapshot): RouteResponse {
  return { status: 201, body: payoutDto(payout), location: `/api/v1/payouts/${payout.id}` };
}

function orderOf({
  recipient_id: recipientId,
  amount,
  currency,
  rail,
  description,
  metadata,
}: PayoutOrderDto) {
  return { recipientId, amount, currency, rail, description, metadata };
}
