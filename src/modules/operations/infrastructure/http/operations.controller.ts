import { Body, Controller, Get, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { UnitOfWork } from '../../../../kernel/tx';
import type { Actor } from '../../../../kernel/actor';
import { ApiProblems } from '../../../../platform/http';
import { AuthorizedTransaction, CurrentActor, CurrentPrincipal, Scopes } from '../../../../platform/access';
import type { Principal } from '../../../../kernel/principal';
import { Schedule } from '../../../../platform/schedule';
import { SettlementDiagnostics } from '../../../settlements';
import { TransferDiagnostics } from '../../../transfers';
import { ShowFunding } from '../../application/show-funding.query';
import { StartSchedulerRun } from '../../application/start-scheduler-run';
import {
  awaitingApprovalDto,
  DiagnosticsDto,
  FundingDto,
  fundingLineDto,
  jobHealthDto,
  jobRunDto,
  JobsHealthDto,
  RunSchedulerDto,
  SchedulerRunDto,
  StuckQueryDto,
  stuckDto,
} from './dto/operations.dto';

const STUCK_AFTER_MINUTES = 15;

/** Diagnostics and scheduler runs for operators. */
@ApiTags('operations')
@Controller('operations')
export class OperationsController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly writes: AuthorizedTransaction,
    private readonly schedule: Schedule,
    private readonly startSchedulerRun: StartSchedulerRun,
    private readonly showFunding: ShowFunding,
    private readonly transfers: TransferDiagnostics,
    private readonly settlements: SettlementDiagnostics,
  ) {}

  @Post('scheduler/run')
  @HttpCode(200)
  @Scopes('operations:run')
  @ApiOperation({
    operationId: 'runScheduler',
    summary: 'Run scheduled jobs now for this tenant',
    description: 'Does the same as the scheduled run. It can be repeated: each job looks for its work again.',
  })
  @ApiOkResponse({ type: SchedulerRunDto })
  @ApiProblems([422, 'validation_failed', 'unknown_scheduled_job'])
  async run(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Body() body: RunSchedulerDto,
  ): Promise<SchedulerRunDto> {
    const { id, jobs } = await this.writes.run(request, principal, (tx) =>
      this.startSchedulerRun.execute(tx, body.jobs, actor),
    );
    return { run_id: id, jobs: (await this.schedule.runNow(jobs, principal.tenantId)).map(jobRunDto) };
  }

  @Get('diagnostics/jobs')
  @Scopes('operations:read')
  @ApiOperation({
    operationId: 'getScheduledJobs',
    summary: 'List the scheduled jobs with their last runs',
  })
  @ApiOkResponse({ type: JobsHealthDto })
  async jobs(): Promise<JobsHealthDto> {
    return { jobs: (await this.schedule.list()).map(jobHealthDto) };
  }

  @Get('diagnostics/payouts')
  @Scopes('operations:read')
  @ApiOperation({
    operationId: 'getPayoutDiagnostics',
    summary: 'Get transfers by status, the oldest stuck ones, and settlements that wait for approval',
  })
  @ApiOkResponse({ type: DiagnosticsDto })
  @ApiProblems(422)
  diagnostics(
    @CurrentPrincipal() principal: Principal,
    @Query() query: StuckQueryDto,
  ): Promise<DiagnosticsDto> {
    return this.uow.run(
      principal.tenantId,
      async (tx) => ({
        counts: await this.transfers.counts(tx),
        stuck: (await this.transfers.stuck(tx, query.minutes ?? STUCK_AFTER_MINUTES)).map(stuckDto),
        awaiting_approval: awaitingApprovalDto(await this.settlements.awaitingApproval(tx)),
      }),
      { readOnly: true },
    );
  }

  @Get('funding')
  @Scopes('operations:read')
  @ApiOperation({ summary: 'Get the available, waiting and missing money per account' })
  @ApiOkResponse({ type: FundingDto })
  async funding(@CurrentPrincipal() principal: Principal): Promise<FundingDto> {
    return { accounts: (await this.showFunding.execute(principal.tenantId)).map(fundingLineDto) };
  }
}
