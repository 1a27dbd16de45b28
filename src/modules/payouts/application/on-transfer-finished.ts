import { Injectable } from '@nestjs/common';
import { systemActor } from '../../../kernel/actor';
import type { Tx } from '../../../kernel/tx';
import type { EventHandler, ReceivedEvent } from '../../../platform/outbox';
import { TRANSFER_FINISHED, type TransferFact } from '../../transfers';
import { PAYOUT_ORIGIN } from '../domain/payout';
import { FinalizePayouts } from './finalize-payouts';
import { SavePayouts } from './save-payouts';

/** Ends payouts whose transfers ended. */
@Injectable()
export class OnTransferFinished implements EventHandler<TransferFact> {
  readonly consumer = 'payouts.on-transfer-finished';
  readonly events = TRANSFER_FINISHED;

  constructor(
    private readonly finalizePayouts: FinalizePayouts,
    private readonly savePayouts: SavePayouts,
  ) {}

  async handle(tx: Tx, events: readonly ReceivedEvent<TransferFact>[]): Promise<void> {
    const ids = payoutIdsOf(events);
    if (!ids.length) return;
    const payouts = await this.finalizePayouts.execute(tx, ids, systemActor('worker'));
    await this.savePayouts.execute(tx, payouts);
  }
}

/** Skips transfers that pay awards of settlements. */
export function payoutIdsOf(events: readonly ReceivedEvent<TransferFact>[]): string[] {
  const origins = events.map(({ payload }) => payload.origin);
  return [...new Set(origins.filter(({ kind }) => kind === PAYOUT_ORIGIN).map(({ id }) => id))];
}
