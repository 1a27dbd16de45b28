import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/tx';
import type { EventHandler, ReceivedEvent } from '../../../platform/outbox';
import { TRANSFER_FINISHED, type TransferFact } from '../../transfers';
import { CompletePayoutJob } from './complete-payout-job';

/** Completes payout jobs whose last transfers ended. Checks once per job, not once per transfer. */
@Injectable()
export class OnTransferFinished implements EventHandler<TransferFact> {
  readonly consumer = 'settlements.on-transfer-finished';
  readonly events = TRANSFER_FINISHED;

  constructor(private readonly completePayoutJob: CompletePayoutJob) {}

  async handle(tx: Tx, events: readonly ReceivedEvent<TransferFact>[]): Promise<void> {
    const jobs = new Set(events.map(({ payload }) => payload.job_id).filter((id) => id !== null));
    // Sorted, so that two batches with the same jobs cannot deadlock.
    for (const jobId of [...jobs].sort()) await this.completePayoutJob.execute(tx, jobId);
  }
}
