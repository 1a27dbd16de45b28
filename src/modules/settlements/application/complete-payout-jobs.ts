import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { Environment } from '../../../platform/config';
import { Log } from '../../../platform/logging';
import type { RunSummary } from '../../../platform/schedule';
import { CompletePayoutJob } from './complete-payout-job';
import { PayoutJobRepository } from './ports';
import { RunSummaryBuilder } from './run-summary-builder';

/** The scheduled check of payout jobs in process: completes those whose last event was lost. */
@Injectable()
export class CompletePayoutJobs {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly jobs: PayoutJobRepository,
    private readonly completePayoutJob: CompletePayoutJob,
    private readonly environment: Environment,
    private readonly log: Log,
  ) {}

  async execute({ tenant }: { readonly tenant?: TenantId }): Promise<RunSummary> {
    const items = await this.uow.runForSystem((tx) =>
      this.jobs.processing(tx, tenant ?? null, this.environment.settlementJobsBatch),
    );
    const summary = new RunSummaryBuilder(items.length);
    for (const { tenantId, id } of items) {
      try {
        if (await this.uow.run(tenantId, (tx) => this.check(tx, id))) summary.done++;
        else summary.skip('transfers_open');
      } catch (error) {
        summary.failed++;
        this.log.warn('payout_job.check_failed', { tenant_id: tenantId, payout_job_id: id, error });
      }
    }
    return summary.build();
  }

  private async check(tx: Tx, jobId: string): Promise<boolean> {
    const isDone = await this.completePayoutJob.execute(tx, jobId);
    if (!isDone) await this.jobs.touch(tx, jobId);
    return isDone;
  }
}
