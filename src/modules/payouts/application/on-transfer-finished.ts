import { Injectable } from '@nestjs/common';
import { systemActor } from '../../../kernel/actor';
import type { Tx } from '../../../kernel/tx';
import type { EventHandler, ReceivedEvent } from '../../../platform/outbox';
import { TRANSFER_FINISHED, type TransferFact } from '../../transfers';
import { EndPayouts } from './end-payouts';
import { KeepPayouts } from './keep-payouts';
import { PAYOUT_ORIGIN } from './payout-origin';

/** Transfers ended, and with them the payouts they carried. */
@Injectable()
export class OnTransferFinished implements EventHandler {
  readonly consumer = 'payouts.on-transfer-finished';
  readonly events = TRANSFER_FINISHED;

  constructor(
    private readonly endPayouts: EndPayouts,
    private readonly keepPayouts: KeepPayouts,
  ) {}

  async handle(tx: Tx, events: readonly ReceivedEvent[]): Promise<void> {
    const ids = payoutIdsOf(events);
    if (ids.length)
      await this.keepPayouts.execute(
        tx,
        await this.endPayouts.afterTransfers(tx, ids, systemActor('worker')),
      );
  }
}

/** Transfers carry awards, too: those are not ours. */
export function payoutIdsOf(events: readonly ReceivedEvent[]): string[] {
  const origins = events.map(({ payload }) => (payload as unknown as TransferFact).origin);
  return [...new Set(origins.filter(({ kind }) => kind === PAYOUT_ORIGIN).map(({ id }) => id))];
}
