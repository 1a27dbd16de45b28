import { Injectable } from '@nestjs/common';
import { systemActor } from '../../../kernel/actor';
import type { Tx } from '../../../kernel/tx';
import type { EventHandler, ReceivedEvent } from '../../../platform/outbox';
import { PAYOUT_CREATED } from '../contract';
import { KeepPayouts } from './keep-payouts';
import { PayoutStore } from './ports';
import { StartPayouts } from './start-payouts';

/**
 * A payout was made: a worker starts it. Whoever was quicker (a person, an earlier try) leaves nothing to do.
 */
@Injectable()
export class OnPayoutCreated implements EventHandler {
  readonly consumer = 'payouts.on-payout-created';
  readonly events = [PAYOUT_CREATED];

  constructor(
    private readonly payouts: PayoutStore,
    private readonly startPayouts: StartPayouts,
    private readonly keepPayouts: KeepPayouts,
  ) {}

  async handle(tx: Tx, events: readonly ReceivedEvent[]): Promise<void> {
    const ids = events.map(({ payload }) => payload['payout_id']).filter((id) => typeof id === 'string');
    const fresh = (await this.payouts.lock(tx, ids)).filter((payout) => payout.snapshot().status === 'NEW');
    await this.startPayouts.execute(tx, fresh, systemActor('worker'));
    await this.keepPayouts.execute(tx, fresh);
  }
}
