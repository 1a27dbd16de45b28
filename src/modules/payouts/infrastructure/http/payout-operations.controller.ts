import { Body, Controller, Delete, HttpCode, Param, Patch, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Tx } from '../../../../kernel/tx';
import type { Actor } from '../../../../kernel/actor';
import { ApiProblems, IdPipe } from '../../../../platform/http';
import { AuthorizedTransaction, CurrentActor, CurrentPrincipal, Scopes } from '../../../../platform/access';
import { Idempotency, type IdempotentResponse, IdempotentRoute } from '../../../../platform/idempotency';
import type { Principal } from '../../../../kernel/principal';
import { ChangePayout } from '../../application/change-payout';
import type { PayoutSnapshot } from '../../domain/payout';
import { ChangePayoutDto, PayoutReasonDto } from './dto/payout-input.dto';
import { PayoutDto, payoutDto } from './dto/payout.dto';

const CANCEL = {
  summary: 'Cancel a payout of which nothing was sent',
  description:
    'Possible only while it is NEW, which lasts moments. After that, `PATCH /payouts/{id}` with ' +
    '`{"status":"FAILED"}` stops it while no money can have moved. Nothing is deleted: the payout ' +
    'is returned as CANCELLED, and stays in lists and in the audit log.',
};

/** What operators change about payouts. */
@ApiTags('payouts')
@Controller('payouts')
export class PayoutOperationsController {
  constructor(
    private readonly writes: AuthorizedTransaction,
    private readonly changePayout: ChangePayout,
    private readonly idempotency: Idempotency,
  ) {}

  @Patch(':id')
  @Scopes('payouts:operate')
  @ApiOperation({
    summary: 'Change the status of a payout',
    description:
      'For operators. A final status cannot be changed. From PROCESSING the transfer decides: FAILED ' +
      'stops it while no money can have moved; COMPLETED is for the manual rail and requires ' +
      '`external_id`.',
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
  @ApiOperation(CANCEL)
  @ApiOkResponse({ type: PayoutDto })
  @ApiProblems([404, 'payout_not_found'], [409, 'invalid_transition'])
  cancel(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: PayoutReasonDto,
  ): Promise<IdempotentResponse> {
    return this.idempotency.execute(request, principal, async (tx) => ({
      status: 200,
      body: payoutDto(await this.executeCancel(tx, id, body.reason, actor)),
    }));
  }

  @Delete(':id')
  @Scopes('payouts:operate')
  @ApiOperation(CANCEL)
  @ApiOkResponse({ type: PayoutDto })
  @ApiProblems([404, 'payout_not_found'], [409, 'invalid_transition'])
  async remove(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
  ): Promise<PayoutDto> {
    return payoutDto(
      await this.writes.run(request, principal, (tx) => this.executeCancel(tx, id, undefined, actor)),
    );
  }

  private executeCancel(
    tx: Tx,
    id: string,
    reason: string | undefined,
    actor: Actor,
  ): Promise<PayoutSnapshot> {
    return this.changePayout.execute(tx, id, {
      to: 'CANCELLED',
      reason: reason ?? `cancelled by ${actor.name}`,
      actor,
    });
  }
}
