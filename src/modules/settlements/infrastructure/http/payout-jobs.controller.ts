import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { UnitOfWork } from '../../../../kernel/tx';
import type { Actor } from '../../../../kernel/actor';
import { ApiPage, type Page, PageQueryDto, Pages } from '../../../../platform/pagination';
import { ApiProblems, IdPipe } from '../../../../platform/http';
import { CurrentActor, CurrentPrincipal, Scopes } from '../../../../platform/access';
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
    private readonly listPayoutJobs: ListPayoutJobs,
    private readonly retryPayoutJob: RetryPayoutJob,
    private readonly transfers: Transfers,
    private readonly idempotency: Idempotency,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Scopes('payout_jobs:read')
  @ApiOperation({ summary: 'List payout jobs, newest first' })
  @ApiPage(PayoutJobDto)
  async list(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Query() query: PayoutJobQueryDto,
  ): Promise<Page<PayoutJobDto>> {
    const window = this.pages.window(request, principal, query);
    const filters = { status: query.status, settlementId: query.settlement_id };
    const rows = await this.uow.run(
      principal.tenantId,
      (tx) => this.listPayoutJobs.execute(tx, filters, window),
      {
        readOnly: true,
      },
    );
    return this.pages.page(request, principal, window, rows, ({ id }) => [id], payoutJobDto);
  }

  @Get(':id')
  @Scopes('payout_jobs:read')
  @ApiOperation({ summary: 'Get a payout job with the progress of its transfers' })
  @ApiOkResponse({ type: PayoutJobDetailDto })
  @ApiProblems([404, 'payout_job_not_found'])
  async get(
    @CurrentPrincipal() principal: Principal,
    @Param('id', IdPipe) id: string,
  ): Promise<PayoutJobDetailDto> {
    return payoutJobDetailDto(
      await this.uow.run(principal.tenantId, (tx) => this.listPayoutJobs.progressOf(tx, id), {
        readOnly: true,
      }),
    );
  }

  @Get(':id/transfers')
  @Scopes('payout_jobs:read')
  @ApiOperation({ summary: 'List the transfers of a payout job, newest first' })
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
        await this.listPayoutJobs.one(tx, id);
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
    summary: 'Reopen the failed transfers of a job',
    description:
      `Each transfer is looked up at the provider first; at most ${RETRIED_MAX} per request. ` +
      'Transfers that cannot be reopened are returned with the reason.',
  })
  @ApiOkResponse({ type: RetriedJobDto })
  @ApiProblems([404, 'payout_job_not_found'])
  retry(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: SettlementReasonDto,
  ): Promise<IdempotentResponse> {
    // The provider is called outside any transaction. Repeated after a crash, it finds what is left to do.
    const retryAtProvider = () =>
      this.retryPayoutJob.execute({ tenant: principal.tenantId, jobId: id, reason: body.reason, actor });
    return this.idempotency.execute(
      request,
      principal,
      async (tx, _caller, retried) => ({
        status: 200,
        body: retriedJobDto(await this.listPayoutJobs.progressOf(tx, id), retried),
      }),
      { prepare: retryAtProvider },
    );
  }
}
