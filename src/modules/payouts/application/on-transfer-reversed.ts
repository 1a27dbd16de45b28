import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/tx';
import type { EventHandler, ReceivedEvent } from '../../../platform/outbox';
import { TransferReversed, type TransferFact } from '../../transfers';
import { payoutIdsOf } from './on-transfer-finished';
import { type MoneyEvent, PayoutRepository } from './ports';

/** Records that money of a payout came back from the provider. The payout stays COMPLETED. */
@Injectable()
export class OnTransferReversed implements EventHandler<TransferFact> {
  readonly consumer = 'payouts.on-transfer-reversed';
  readonly events = [TransferReversed];

  constructor(private readonly payouts: PayoutRepository) {}

  async handle(tx: Tx, events: readonly ReceivedEvent<TransferFact>[]): Promise<void> {
    const ids = payoutIdsOf(events);
    if (!ids.length) return;
    const payouts = new Map(
      (await this.payouts.lock(tx, ids)).map((payout) => [payout.snapshot().id, payout.snapshot()]),
    );
    const reversed = events
      .map(({ payload }) => payouts.get(payload.origin.id))
      .filter((payout) => payout !== undefined);
    await this.payouts.recordMoneyEvents(
      tx,
      reversed.map((payout): MoneyEvent => ({ payout, kind: 'reversed', reason: 'transfer_reversed' })),
    );
  }
}
