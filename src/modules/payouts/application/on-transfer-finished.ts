import { Injectable } from '@nestjs/common';
import { systemActor } from '../../../kernel/actor';
import type { Tx } from '../../../kernel/tx';
import type { Reaction, ReceivedEvent } from '../../../platform/outbox';
import { TRANSFER_FINISHED, type TransferFact } from '../../transfers';
import { EndPayouts } from './end-payouts';
import { KeepPayouts } from './keep-payouts';
import { PAYOUT_ORIGIN } from './payout-origin';

/** Transfers ended, and with them the payouts they carried. */
@Injectable()
export class OnTransferFinished implements Reaction {
  readonly consumer = 'payouts.on-transfer-finished';
  readonly events = TRANSFER_FINISHED;

  constructor(
    private readonly ending: EndPayouts,
    private readonly keeping: KeepPayouts,
  ) {}

  async react(tx: Tx, events: readonly ReceivedEvent[]): Promise<void> {
    const ids = payoutIdsOf(events);
    if (ids.length)
      await this.keeping.run(tx, await this.ending.afterTransfers(tx, ids, systemActor('worker')));
  }
}

/** Transfers carry awards, too: those are not ours. */
export function payoutIdsOf(events: readonly ReceivedEvent[]): string[] {
  const origins = events.map(({ payload }) => (payload as unknown as TransferFact).origin);
  return [...new Set(origins.filter(({ kind }) => kind === PAYOUT_ORIGIN).map(({ id }) => id))];
}
