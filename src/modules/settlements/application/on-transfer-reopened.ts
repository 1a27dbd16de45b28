import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/tx';
import type { EventHandler, ReceivedEvent } from '../../../platform/outbox';
import { type TransferFact, TransferReopened, Transfers } from '../../transfers';
import { PayoutJob } from '../domain/payout-job';
import { PayoutJobRepository } from './ports';

/**
 * Resumes a complete job that has an open transfer again. It reads the transfers, because the reopened one may
 * have ended again before the event is handled.
 */
@Injectable()
export class OnTransferReopened implements EventHandler<TransferFact> {
  readonly consumer = 'settlements.on-transfer-reopened';
  readonly events = [TransferReopened];

  constructor(
    private readonly jobs: PayoutJobRepository,
    private readonly transfers: Transfers,
  ) {}

  async handle(tx: Tx, events: readonly ReceivedEvent<TransferFact>[]): Promise<void> {
    const jobs = new Set(events.map(({ payload }) => payload.job_id).filter((id) => id !== null));
    for (const jobId of [...jobs].sort()) await this.resume(tx, jobId);
  }

  private async resume(tx: Tx, jobId: string): Promise<void> {
    const snapshot = await this.jobs.lock(tx, jobId);
    if (snapshot?.status !== 'complete' || !(await this.transfers.hasOpen(tx, jobId))) return;
    const job = PayoutJob.rehydrate(snapshot);
    job.resume();
    await this.jobs.save(tx, job.snapshot());
  }
}
