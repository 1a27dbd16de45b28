import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { UnitOfWork } from '../../../../kernel/tx';
import type { Actor } from '../../../../kernel/actor';
import { ApiPage, type Page, PageQueryDto, Pages } from '../../../../platform/pagination';
import { ApiProblems, IdPipe } from '../../../../platform/http';
import { AuthorizedTransaction, CurrentActor, CurrentPrincipal, Scopes } from '../../../../platform/access';
import { Idempotency, type IdempotentResponse, IdempotentRoute } from '../../../../platform/idempotency';
import type { Principal } from '../../../../kernel/principal';
import { TransferDto, transferDto, Transfers } from '../../../transfers';
import { ListPayoutJobs } from '../../application/list-payout-jobs.query';
import { RETRIED_MAX, RetryPayoutJob } from '../../application/retry-payout-job';
import {
  payoutJobDetailDto,
  PayoutJobDetailDto,
  payoutJobDto,
  PayoutJobDto,
  retriedJobDto,
  RetriedJobDto,
} from './dto/payout-job.dto';
import { PayoutJobQueryDto, SettlementReasonDto } from './dto/settlement-query.dto';

@ApiTags('payout jobs')
@Controller('payout-jobs')
export class PayoutJobsController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly writes: AuthorizedTransaction,
    private readonly list: ListPayoutJobs,
    private readonly retryPayoutJob: RetryPayoutJob,
    private readonly transfers: Transfers,
    private readonly idempotency: Idempotency,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Scopes('payout_jobs:read')
  @ApiOperation({ summary: 'Payout jobs, newest first' })
  @ApiPage(PayoutJobDto)
  async all(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Query() query: PayoutJobQueryDto,
  ): Promise<Page<PayoutJobDto>> {
    const window = this.pages.window(request, principal, query);
    const filters = { status: query.status, settlementId: query.settlement_id };
    const rows = await this.uow.run(principal.tenantId, (tx) => this.list.execute(tx, filters, window), {
      readOnly: true,
    });
    return this.pages.page(request, principal, window, rows, ({ id }) => [id], payoutJobDto);
  }

  @Get(':id')
  @Scopes('payout_jobs:read')
  @ApiOperation({ summary: 'One payout job and how far its transfers are' })
  @ApiOkResponse({ type: PayoutJobDetailDto })
  @ApiProblems([404, 'payout_job_not_found'])
  async one(
    @CurrentPrincipal() principal: Principal,
    @Param('id', IdPipe) id: string,
  ): Promise<PayoutJobDetailDto> {
    return payoutJobDetailDto(
      await this.uow.run(principal.tenantId, (tx) => this.list.progressOf(tx, id), { readOnly: true }),
    );
  }

  @Get(':id/transfers')
  @Scopes('payout_jobs:read')
  @ApiOperation({ summary: 'The transfers of a payout job, newest first' })
  @ApiPage(TransferDto)
  @ApiProblems([404, 'payout_job_not_found'])
  async transfersOf(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Param('id', IdPipe) id: string,
    @Query() query: PageQueryDto,
  ): Promise<Page<TransferDto>> {
    const window = this.pages.window(request, principal, query);
    const rows = await this.uow.run(
      principal.tenantId,
      async (tx) => {
        await this.list.one(tx, id);
        return this.transfers.listOfJob(tx, id, window);
      },
      { readOnly: true },
    );
    return this.pages.page(request, principal, window, rows, (row) => [row.id], transferDto);
  }

  @Post(':id/retry')
  @HttpCode(200)
  @Scopes('payout_jobs:operate')
  @IdempotentRoute()
  @ApiOperation({
    summary: 'Open the failed transfers of a job again',
    description: `Each is looked up at the provider first; at most ${RETRIED_MAX} in one request. Those that must not be opened are named with the reason.`,
  })
  @ApiOkResponse({ type: RetriedJobDto })
  @ApiProblems([404, 'payout_job_not_found'])
  async retry(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: SettlementReasonDto,
  ): Promise<IdempotentResponse> {
    const kept = await this.idempotency.replayOf(request, principal);
    if (kept) return kept;
    await this.writes.admit(request, principal);
    // The provider is asked outside any transaction. Repeated after a crash, it finds what is left to do.
    const retried = await this.retryPayoutJob.execute({
      tenant: principal.tenantId,
      jobId: id,
      reason: body.reason,
      actor,
    });
    return this.idempotency.run(request, principal, async (tx) => ({
      status: 200,
      body: retriedJobDto(await this.list.progressOf(tx, id), retried),
    }));
  }
}
