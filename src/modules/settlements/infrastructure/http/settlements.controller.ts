import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { UnitOfWork } from '../../../../kernel/tx';
import type { Actor } from '../../../../kernel/actor';
import { ApiProblems } from '../../../../platform/http';
import { CurrentActor, CurrentPrincipal, Scopes } from '../../../../platform/access';
import { Idempotency, type IdempotentResponse, IdempotentRoute } from '../../../../platform/idempotency';
import type { Principal } from '../../../../kernel/principal';
import { ListSettlements } from '../../application/list-settlements.query';
import { PlanSettlement } from '../../application/plan-settlement';
import { RecordSettlement } from '../../application/record-settlement';
import { FACTS_EXAMPLES } from './dto/examples';
import { factsOf } from './dto/facts-of';
import { RecordSettlementDto, SettlementFactsDto } from './dto/record-settlement.dto';
import { settlementPreviewDto, SettlementPreviewDto } from './dto/settlement-preview.dto';
import { settlementDto, SettlementDto } from './dto/settlement.dto';
import { makerOf } from './maker-of';

const INPUT_ERRORS = [
  422,
  'validation_failed',
  'settlement_invalid',
  'conservation_mismatch',
  'payout_exceeds_pool',
  'zero_payouts',
  'duplicate_payee',
  'unknown_payee',
  'recipient_inactive',
  'invalid_amount',
  'amount_not_payable',
  'invalid_standings',
  'invalid_structure',
  'invalid_currency',
  'currency_not_allowed',
] as const;

@ApiTags('settlements')
@Controller('settlements')
export class SettlementsController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly planSettlement: PlanSettlement,
    private readonly recordSettlement: RecordSettlement,
    private readonly listSettlements: ListSettlements,
    private readonly idempotency: Idempotency,
  ) {}

  @Post('preview')
  @HttpCode(200)
  @Scopes('settlements:read')
  @ApiOperation({
    operationId: 'previewSettlement',
    summary: 'Preview what a settlement would pay',
    description:
      'Writes nothing. Takes awards, or standings with a structure. Returns all problems, each with ' +
      'the index of its entry.',
  })
  @ApiBody({ type: SettlementFactsDto, examples: FACTS_EXAMPLES })
  @ApiOkResponse({ type: SettlementPreviewDto })
  @ApiProblems(INPUT_ERRORS)
  async preview(
    @CurrentPrincipal() principal: Principal,
    @Body() body: SettlementFactsDto,
  ): Promise<SettlementPreviewDto> {
    const facts = factsOf(body);
    const { plan } = await this.uow.run(principal.tenantId, (tx) => this.planSettlement.execute(tx, facts), {
      readOnly: true,
    });
    return settlementPreviewDto(plan);
  }

  @Post()
  @Scopes('settlements:write')
  @IdempotentRoute()
  @ApiOperation({
    summary: 'Record a settlement',
    description:
      'It is paid without a further call; above the limit of your tenant only after another user or ' +
      'key has approved it. A contest has one settlement: the same content returns it again with 200, ' +
      'other content is rejected.',
  })
  @ApiBody({ type: RecordSettlementDto, examples: FACTS_EXAMPLES })
  @ApiCreatedResponse({ type: SettlementDto })
  @ApiProblems(INPUT_ERRORS, [409, 'settlement_exists', 'plan_changed'])
  record(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Body() body: RecordSettlementDto,
  ): Promise<IdempotentResponse> {
    const command = {
      facts: factsOf(body),
      planHash: body.plan_hash ?? undefined,
      maker: makerOf(principal),
      actor,
    };
    return this.idempotency.execute(request, principal, async (tx) => {
      const { settlement, isNew } = await this.recordSettlement.execute(tx, command);
      const current = isNew ? settlement : await this.listSettlements.one(tx, settlement.id);
      return {
        status: isNew ? 201 : 200,
        body: settlementDto(current),
        location: `/api/v1/settlements/${settlement.id}`,
      };
    });
  }
}
