import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../../../kernel/principal';
import { UnitOfWork } from '../../../../kernel/tx';
import { CurrentPrincipal, Scopes } from '../../../../platform/access';
import { ApiProblems, IdPipe } from '../../../../platform/http';
import { ApiPage, CachedList, type Page, PageQueryDto, Pages } from '../../../../platform/pagination';
import { ListSettlements } from '../../application/list-settlements.query';
import { SETTLEMENT_LIST } from '../../application/ports';
import { awardDto } from './dto/award.dto';
import { SettlementQueryDto } from './dto/settlement-query.dto';
import { SettlementDetailDto, settlementDto, SettlementDto } from './dto/settlement.dto';

@ApiTags('settlements')
@Controller('settlements')
export class SettlementQueriesController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly listSettlements: ListSettlements,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Scopes('settlements:read')
  @CachedList(SETTLEMENT_LIST)
  @ApiOperation({ summary: 'List settlements, newest first' })
  @ApiPage(SettlementDto)
  async list(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Query() query: SettlementQueryDto,
  ): Promise<Page<SettlementDto>> {
    const window = this.pages.window(request, principal, query);
    const filters = { contestId: query.contest_id, status: query.status };
    const rows = await this.uow.run(
      principal.tenantId,
      (tx) => this.listSettlements.execute(tx, filters, window),
      {
        readOnly: true,
      },
    );
    return this.pages.page(request, principal, window, rows, ({ id }) => [id], settlementDto);
  }

  @Get(':id')
  @Scopes('settlements:read')
  @ApiOperation({ summary: 'Get a settlement with a page of its awards' })
  @ApiOkResponse({ type: SettlementDetailDto })
  @ApiProblems([400, 'invalid_cursor'], [404, 'settlement_not_found'], 422)
  async get(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Param('id', IdPipe) id: string,
    @Query() query: PageQueryDto,
  ): Promise<SettlementDetailDto> {
    const window = this.pages.window(request, principal, query);
    const read = { readOnly: true };
    const [settlement, rows] = await this.uow.run(
      principal.tenantId,
      async (tx) =>
        [await this.listSettlements.one(tx, id), await this.listSettlements.awards(tx, id, window)] as const,
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
