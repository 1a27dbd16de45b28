import { Injectable } from '@nestjs/common';
import { systemActor } from '../../../kernel/actor';
import type { Tx } from '../../../kernel/tx';
import type { EventHandler, ReceivedEvent } from '../../../platform/outbox';
import { PayoutCreated, type PayoutFact } from '../contract';
import { DispatchPayouts } from './dispatch-payouts';
import { PayoutRepository } from './ports';
import { SavePayouts } from './save-payouts';

/** Dispatches new payouts. One that is no longer NEW was started or ended by an operator: it is skipped. */
@Injectable()
export class OnPayoutCreated implements EventHandler<PayoutFact> {
  readonly consumer = 'payouts.on-payout-created';
  readonly events = [PayoutCreated];

  constructor(
    private readonly payouts: PayoutRepository,
    private readonly dispatchPayouts: DispatchPayouts,
    private readonly savePayouts: SavePayouts,
  ) {}

  async handle(tx: Tx, events: readonly ReceivedEvent<PayoutFact>[]): Promise<void> {
    const ids = events.map(({ payload }) => payload.payout_id);
    const fresh = (await this.payouts.lock(tx, ids)).filter((payout) => payout.snapshot().status === 'NEW');
    await this.dispatchPayouts.execute(tx, fresh, systemActor('worker'));
    await this.savePayouts.execute(tx, fresh);
  }
}
