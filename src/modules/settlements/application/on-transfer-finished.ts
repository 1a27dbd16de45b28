import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/tx';
import type { EventHandler, ReceivedEvent } from '../../../platform/outbox';
import { TRANSFER_FINISHED, type TransferFact } from '../../transfers';
import { CompletePayoutJob } from './complete-payout-job';

/** Transfers ended: perhaps they were the last of their jobs. Asked once per job, not once per transfer. */
@Injectable()
export class OnTransferFinished implements EventHandler<TransferFact> {
  readonly consumer = 'settlements.on-transfer-finished';
  readonly events = TRANSFER_FINISHED;

  constructor(private readonly completePayoutJob: CompletePayoutJob) {}

  async handle(tx: Tx, events: readonly ReceivedEvent<TransferFact>[]): Promise<void> {
    const jobs = new Set(events.map(({ payload }) => payload.job_id).filter((id) => id !== null));
    // In one order, so that two lists about the same jobs do not wait for each other.
    for (const jobId of [...jobs].sort()) await this.completePayoutJob.ifDone(tx, jobId);
  }
}
