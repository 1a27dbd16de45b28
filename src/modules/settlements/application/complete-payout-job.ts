import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { Environment } from '../../../platform/config';
import { Log } from '../../../platform/logging';
import { Outbox } from '../../../platform/outbox';
import type { RunSummary } from '../../../platform/schedule';
import { Transfers } from '../../transfers';
import { PayoutJobCompleted } from '../contract';
import { PayoutJob } from '../domain/payout-job';
import { PayoutJobStore } from './ports';
import { Tally } from './tally';

/** A job is complete when it is expanded and none of its transfers is open, however they ended. */
@Injectable()
export class CompletePayoutJob {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly jobs: PayoutJobStore,
    private readonly transfers: Transfers,
    private readonly outbox: Outbox,
    private readonly environment: Environment,
    private readonly log: Log,
  ) {}

  /**
   * Answers whether the job became complete now. The job is locked before the question, so two that ask at
   * once answer in turn; a transfer that ends after our look brings its own event and asks again.
   */
  async ifDone(tx: Tx, jobId: string): Promise<boolean> {
    const snapshot = await this.jobs.lock(tx, jobId);
    if (snapshot?.status !== 'processing' || (await this.transfers.hasOpen(tx, jobId))) return false;
    const job = PayoutJob.rehydrate(snapshot);
    job.complete(new Date());
    await this.jobs.save(tx, job.snapshot());
    await this.outbox.publish(tx, [
      PayoutJobCompleted.of({ payout_job_id: jobId, settlement_id: snapshot.settlementId }),
    ]);
    return true;
  }

  /** The scheduled look: finds jobs whose last event was lost, or that had nothing left to do. */
  async execute({ tenant }: { readonly tenant?: TenantId }): Promise<RunSummary> {
    const routes = await this.uow.runForSystem((tx) =>
      this.jobs.processing(tx, tenant ?? null, this.environment.settlementJobsBatch),
    );
    const tally = new Tally(routes.length);
    for (const { tenantId, id } of routes) {
      try {
        if (await this.uow.run(tenantId, (tx) => this.look(tx, id))) tally.done++;
        else tally.skip('transfers_open');
      } catch (error) {
        tally.failed++;
        this.log.warn('payout_job.check_failed', { tenant_id: tenantId, payout_job_id: id, error });
      }
    }
    return tally.summary();
  }

  private async look(tx: Tx, jobId: string): Promise<boolean> {
    const isDone = await this.ifDone(tx, jobId);
    if (!isDone) await this.jobs.checked(tx, jobId);
    return isDone;
  }
}
