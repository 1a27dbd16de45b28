import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { ApiPage, CachedList, type Page, PageQueryDto, Pages } from '../../../../platform/pagination';
import { ApiProblems, IdPipe } from '../../../../platform/http';
import { CurrentPrincipal, Scopes } from '../../../../platform/access';
import type { Principal } from '../../../../kernel/principal';
import { ListPayoutEvents } from '../../application/list-payout-events.query';
import { ListPayouts } from '../../application/list-payouts.query';
import { PAYOUT_LIST, PayoutRepository } from '../../application/ports';
import { PayoutNotFound } from '../../domain/errors';
import type { PayoutSnapshot } from '../../domain/payout';
import { filtersOf, PayoutQueryDto } from './dto/payout-query.dto';
import { PayoutDto, payoutDto, PayoutEventDto, payoutEventDto } from './dto/payout.dto';

@ApiTags('payouts')
@Controller('payouts')
export class PayoutQueriesController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly payouts: PayoutRepository,
    private readonly listPayouts: ListPayouts,
    private readonly listEvents: ListPayoutEvents,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Scopes('payouts:read')
  @CachedList(PAYOUT_LIST)
  @ApiOperation({ summary: 'List payouts, newest first' })
  @ApiPage(PayoutDto)
  @ApiProblems([422, 'validation_failed', 'invalid_currency', 'invalid_amount'])
  async list(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Query() query: PayoutQueryDto,
  ): Promise<Page<PayoutDto>> {
    const filters = filtersOf(query);
    const window = this.pages.window(request, principal, query);
    const rows = await this.uow.run(
      principal.tenantId,
      (tx) => this.listPayouts.execute(tx, filters, window),
      { readOnly: true },
    );
    return this.pages.page(request, principal, window, rows, ({ id }) => [id], payoutDto);
  }

  @Get(':id')
  @Scopes('payouts:read')
  @ApiOperation({ summary: 'Get a payout' })
  @ApiOkResponse({ type: PayoutDto })
  @ApiProblems([404, 'payout_not_found'])
  async get(@CurrentPrincipal() principal: Principal, @Param('id', IdPipe) id: string): Promise<PayoutDto> {
    return payoutDto(await this.uow.run(principal.tenantId, (tx) => this.find(tx, id), { readOnly: true }));
  }

  @Get(':id/events')
  @Scopes('payouts:read')
  @CachedList(PAYOUT_LIST)
  @ApiOperation({ summary: 'List the events of a payout, newest first' })
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
        await this.find(tx, id);
        return this.listEvents.execute(tx, id, window);
      },
      { readOnly: true },
    );
    return this.pages.page(request, principal, window, rows, (row) => [row.id], payoutEventDto);
  }

  /** @throws PayoutNotFound */
  private async find(tx: Tx, id: string): Promise<PayoutSnapshot> {
    const payout = await this.payouts.find(tx, id);
    if (!payout) throw new PayoutNotFound();
    return payout;
  }
}
