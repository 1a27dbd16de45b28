import { Body, Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../../../kernel/actor';
import type { Principal } from '../../../../kernel/principal';
import { CurrentActor, CurrentPrincipal, Scopes } from '../../../../platform/access';
import { ApiProblems, IdPipe } from '../../../../platform/http';
import { Idempotency, type IdempotentResponse, IdempotentRoute } from '../../../../platform/idempotency';
import { ApproveSettlement } from '../../application/approve-settlement';
import { CancelSettlement } from '../../application/cancel-settlement';
import { ApproveSettlementDto, SettlementReasonDto } from './dto/settlement-query.dto';
import { settlementDto, SettlementDto } from './dto/settlement.dto';
import { makerOf } from './maker-of';

/** Approval and cancellation of recorded settlements. */
@ApiTags('settlements')
@Controller('settlements')
export class SettlementDecisionsController {
  constructor(
    private readonly approveSettlement: ApproveSettlement,
    private readonly cancelSettlement: CancelSettlement,
    private readonly idempotency: Idempotency,
  ) {}

  @Post(':id/approve')
  @HttpCode(200)
  @Scopes('settlements:approve')
  @IdempotentRoute()
  @ApiOperation({
    summary: 'Approve a settlement that is above the limit of your tenant',
    description:
      'The approver must be independent of the maker: not the same key or user, not a user or key ' +
      'through which that key was made, and with access from before the settlement was recorded. You ' +
      'approve the plan with this `result_hash`. After that the settlement is paid.',
  })
  @ApiOkResponse({ type: SettlementDto })
  @ApiProblems(
    [403, 'approver_is_maker', 'approver_too_new'],
    [404, 'settlement_not_found'],
    [409, 'invalid_transition', 'plan_changed'],
  )
  approve(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: ApproveSettlementDto,
  ): Promise<IdempotentResponse> {
    const command = {
      planHash: body.plan_hash,
      reason: body.reason ?? null,
      approver: { ...makerOf(principal), since: principal.since },
      actor,
    };
    return this.idempotency.execute(request, principal, async (tx) => ({
      status: 200,
      body: settlementDto(await this.approveSettlement.execute(tx, id, command)),
    }));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Scopes('settlements:write')
  @IdempotentRoute()
  @ApiOperation({
    summary: 'Cancel a settlement that is not expanded into transfers yet',
    description:
      'Its ledger entries are reversed, and the contest can be recorded again. Above 5,000 awards the ' +
      'response is `cancelling`, and the rest is done in the background.',
  })
  @ApiOkResponse({ type: SettlementDto })
  @ApiProblems([404, 'settlement_not_found'], [409, 'invalid_transition'])
  cancel(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: SettlementReasonDto,
  ): Promise<IdempotentResponse> {
    return this.idempotency.execute(request, principal, async (tx) => ({
      status: 200,
      body: settlementDto(await this.cancelSettlement.execute(tx, id, body.reason, actor)),
    }));
  }
}
