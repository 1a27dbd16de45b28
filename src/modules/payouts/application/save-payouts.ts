import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/tx';
import type { Audited } from '../../../platform/audit';
import { Outbox } from '../../../platform/outbox';
import { PayoutStatusChanged } from '../contract';
import type { Payout } from '../domain/payout';
import { PayoutRepository } from './ports';

/** Saves payouts and publishes an event for each change of status. */
@Injectable()
export class SavePayouts {
  constructor(
    private readonly payouts: PayoutRepository,
    private readonly outbox: Outbox,
  ) {}

  async execute(tx: Tx, payouts: readonly Payout[], audited?: Audited): Promise<void> {
    await this.payouts.save(tx, payouts);
    const events = payouts
      .flatMap(({ changes }) => changes)
      .map(({ payoutId, to }) => PayoutStatusChanged.of({ payout_id: payoutId, status: to }));
    await this.outbox.publish(tx, events, audited);
  }
}
