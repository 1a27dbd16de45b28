import { Body, Controller, Post, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../../../kernel/actor';
import { Idempotency, type IdempotentResponse, IdempotentRoute } from '../../../../platform/idempotency';
import { ApiProblems } from '../../../../platform/http';
import { CurrentActor, CurrentPrincipal, Scopes } from '../../../../platform/access';
import type { Principal } from '../../../../kernel/principal';
import { CreatePayouts, isRejected } from '../../application/create-payouts';
import { BatchRejected } from '../../domain/errors';
import { BatchCreatePayouts } from './batch-create-payouts';
import { payoutBatchDto, PayoutBatchDto } from './dto/payout-batch.dto';
import { BATCH_MAX, CreatePayoutDto, CreatePayoutsDto, orderOf } from './dto/payout-input.dto';
import { PayoutDto } from './dto/payout.dto';

const KEY = { field: 'idempotency_key' };

@ApiTags('payouts')
@Controller('payouts')
export class PayoutsController {
  constructor(
    private readonly batchCreatePayouts: BatchCreatePayouts,
    private readonly createPayouts: CreatePayouts,
    private readonly idempotency: Idempotency,
  ) {}

  @Post()
  @Scopes('payouts:write')
  @IdempotentRoute(KEY)
  @ApiOperation({
    summary: 'Create a payout',
    description:
      'It is paid without a further call: NEW, PROCESSING, then COMPLETED, or FAILED with a reason. ' +
      'Name, account number and bank code of the recipient are stored as they are now.',
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
    return this.batchCreatePayouts.execute(request, principal, { order: orderOf(body), actor });
  }

  @Post('batch')
  @Scopes('payouts:write')
  @IdempotentRoute(KEY)
  @ApiOperation({
    operationId: 'createPayouts',
    summary: `Create up to ${BATCH_MAX} payouts`,
    description:
      'All under one key, in one transaction. Valid payouts are created; the result of each other one ' +
      'has the reason. If none is valid, the response is 422 with all reasons.',
  })
  @ApiCreatedResponse({ type: PayoutBatchDto })
  @ApiProblems([422, 'batch_refused'])
  createAll(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Body() body: CreatePayoutsDto,
  ): Promise<IdempotentResponse> {
    const requests = body.payouts.map((order) => ({ order: orderOf(order), actor }));
    return this.idempotency.execute(request, principal, {
      plan: async (tx) => {
        const { outcomes, writes } = await this.createPayouts.execute(tx, requests);
        const errors = outcomes.filter(isRejected);
        if (errors.length === outcomes.length) throw new BatchRejected(errors);
        return { status: 201, body: payoutBatchDto(outcomes), writes };
      },
    });
  }
}
