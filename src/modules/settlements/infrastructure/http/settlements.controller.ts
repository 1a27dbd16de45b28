import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { UnitOfWork } from '../../../../kernel/tx';
import type { Actor } from '../../../../kernel/actor';
import { ApiPage, type Page, PageQueryDto, Pages } from '../../../../platform/pagination';
import { ApiProblems, IdPipe } from '../../../../platform/http';
import { CurrentActor, CurrentPrincipal, Scopes } from '../../../../platform/access';
import { Idempotency, type IdempotentResponse, IdempotentRoute } from '../../../../platform/idempotency';
import type { Principal } from '../../../../kernel/principal';
import { ApproveSettlement } from '../../application/approve-settlement';
import { CancelSettlement } from '../../application/cancel-settlement';
import { ListSettlements } from '../../application/list-settlements.query';
import { PlanSettlement } from '../../application/plan-settlement';
import { RecordSettlement } from '../../application/record-settlement';
import { FACTS_EXAMPLES } from './dto/examples';
import { factsOf, RecordSettlementDto, SettlementFactsDto } from './dto/record-settlement.dto';
import { settlementPreviewDto, SettlementPreviewDto } from './dto/settlement-preview.dto';
import { ApproveSettlementDto, SettlementReasonDto, SettlementQueryDto } from './dto/settlement-query.dto';
import { awardDto, SettlementDetailDto, settlementDto, SettlementDto } from './dto/settlement.dto';
import { makerOf } from './maker';

const REFUSED = [
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
    private readonly approveSettlement: ApproveSettlement,
    private readonly cancelSettlement: CancelSettlement,
    private readonly list: ListSettlements,
    private readonly idempotency: Idempotency,
    private readonly pages: Pages,
  ) {}

  @Post('preview')
  @HttpCode(200)
  @Scopes('settlements:read')
  @ApiOperation({
    operationId: 'previewSettlement',
    summary: 'What a settlement would pay, line by line',
    description:
      'Writes nothing. Takes awards, or standings with a structure. All problems are answered, each with the index of its entry.',
  })
  @ApiBody({ type: SettlementFactsDto, examples: FACTS_EXAMPLES })
  @ApiOkResponse({ type: SettlementPreviewDto })
  @ApiProblems(REFUSED)
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
    summary: 'Record who won what in a contest',
    description:
      'The scheduler pays it without further ado, above the limit of your tenant after somebody else has approved it. A contest has one settlement: the same content answers it again with 200, other content is refused.',
  })
  @ApiBody({ type: RecordSettlementDto, examples: FACTS_EXAMPLES })
  @ApiCreatedResponse({ type: SettlementDto })
  @ApiProblems(REFUSED, [409, 'settlement_exists', 'plan_changed'])
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
    return this.idempotency.run(request, principal, async (tx) => {
      const { settlement, isNew } = await this.recordSettlement.execute(tx, command);
      const shown = isNew ? settlement : await this.list.one(tx, settlement.id);
      return {
        status: isNew ? 201 : 200,
        body: settlementDto(shown),
        location: `/api/v1/settlements/${settlement.id}`,
      };
    });
  }

  @Post(':id/approve')
  @HttpCode(200)
  @Scopes('settlements:approve')
  @IdempotentRoute()
  @ApiOperation({
    summary: 'Approve a settlement that waits because it is above the limit of your tenant',
    description:
      'Four eyes: not with the key that made it, nor by anybody behind that key, nor by a person or key that was let in after it was recorded. What is approved is the plan you name by its `result_hash`. From then on the scheduler pays it.',
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
    return this.idempotency.run(request, principal, async (tx) => ({
      status: 200,
      body: settlementDto(await this.approveSettlement.execute(tx, id, command)),
    }));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Scopes('settlements:write')
  @IdempotentRoute()
  @ApiOperation({
    summary: 'Take a settlement back before it is expanded into transfers',
    description:
      'Its ledger entries are reversed and the contest may be recorded again. Above 5,000 awards the answer is `cancelling`, and it goes on by itself.',
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
    return this.idempotency.run(request, principal, async (tx) => ({
      status: 200,
      body: settlementDto(await this.cancelSettlement.execute(tx, id, body.reason, actor)),
    }));
  }

  @Get()
  @Scopes('settlements:read')
  @ApiOperation({ summary: 'Settlements, newest first' })
  @ApiPage(SettlementDto)
  async all(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Query() query: SettlementQueryDto,
  ): Promise<Page<SettlementDto>> {
    const window = this.pages.window(request, principal, query);
    const filters = { contestId: query.contest_id, status: query.status };
    const rows = await this.uow.run(principal.tenantId, (tx) => this.list.execute(tx, filters, window), {
      readOnly: true,
    });
    return this.pages.page(request, principal, window, rows, ({ id }) => [id], settlementDto);
  }

  @Get(':id')
  @Scopes('settlements:read')
  @ApiOperation({ summary: 'One settlement with a page of its awards' })
  @ApiOkResponse({ type: SettlementDetailDto })
  @ApiProblems([400, 'invalid_cursor'], [404, 'settlement_not_found'], 422)
  async one(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Param('id', IdPipe) id: string,
    @Query() query: PageQueryDto,
  ): Promise<SettlementDetailDto> {
    const window = this.pages.window(request, principal, query);
    const read = { readOnly: true };
    const [settlement, rows] = await this.uow.run(
      principal.tenantId,
      async (tx) => [await this.list.one(tx, id), await this.list.awards(tx, id, window)] as const,
      read,
    );
    const awards = this.pages.page(
      request,
      principal,
      window,
      rows,
      ({ position }) => [String(position)],
      awardDto(settlement.currency),
    );
    return Object.assign(settlementDto(settlement), { awards });
  }
}
