import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/tx';
import { Outbox } from '../../../platform/outbox';
import { Transfers } from '../../transfers';
import { PayoutJobCompleted } from '../contract';
import { PayoutJob } from '../domain/payout-job';
import { PayoutJobRepository } from './ports';

/** Completes a payout job that is expanded and has no open transfer, however its transfers ended. */
@Injectable()
export class CompletePayoutJob {
  constructor(
    private readonly jobs: PayoutJobRepository,
    private readonly transfers: Transfers,
    private readonly outbox: Outbox,
  ) {}

  /**
   * Locks the job before it reads the transfers, so that two concurrent calls run one after the other. A
   * transfer that ends after the read publishes its own event, which calls this again.
   *
   * @returns whether this call completed the job
   */
  async execute(tx: Tx, jobId: string): Promise<boolean> {
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
}
