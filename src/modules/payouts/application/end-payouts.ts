import { Injectable } from '@nestjs/common';
import { nameOf, type Actor } from '../../../kernel/actor';
import type { Tx } from '../../../kernel/tx';
import { Log } from '../../../platform/logging';
import { Ledger } from '../../ledger';
import { type TransferStatusView, Transfers } from '../../transfers';
import { payoutVoided } from '../domain/accounting';
import type { Payout } from '../domain/payout';
import { PAYOUT_ORIGIN } from './payout-origin';
import { type MoneyEvent, PayoutStore } from './ports';

/** Payouts that were asked about, in whatever state they are. */
export interface Asked {
  readonly standing: TransferStatusView;
  readonly payout: Payout;
}

/** Brings payouts to the end that their transfers have come to. */
@Injectable()
export class EndPayouts {
  constructor(
    private readonly payouts: PayoutStore,
    private readonly transfers: Transfers,
    private readonly ledger: Ledger,
    private readonly log: Log,
  ) {}

  /**
   * Goes by what the transfers are now, not by what was told of them: one that failed may be completed by the
   * time this is heard. Transfers are locked before payouts, here and wherever both are. The caller saves
   * what is answered.
   */
  async afterTransfers(tx: Tx, payoutIds: readonly string[], actor: Actor): Promise<Payout[]> {
    const standings = await this.transfers.statusOf(tx, PAYOUT_ORIGIN, payoutIds);
    const payouts = await this.payouts.lock(tx, payoutIds);
    const asked = payouts.flatMap((payout) => {
      const standing = standings.get(payout.snapshot().id);
      return standing ? [{ payout, standing }] : [];
    });
    await this.noteLate(tx, asked);
    const open = asked.filter(({ payout }) => payout.snapshot().status === 'PROCESSING');
    const moment = { at: new Date(), actor: nameOf(actor) };
    for (const { payout, standing } of open) if (standing.status === 'completed') payout.complete(moment);
    for (const { payout, standing } of open.filter(isUnpaid)) payout.fail(reasonOf(standing), moment);
    const unpaid = open.filter(isUnpaid).map(({ payout }) => payout);
    if (unpaid.length)
      await this.transfers.endOrigins(
        tx,
        PAYOUT_ORIGIN,
        unpaid.map((payout) => payout.snapshot().id),
      );
    await this.void(tx, unpaid, actor);
    return payouts;
  }

  /** They fail without a transfer, or after theirs gave the money back. */
  async unpaid(tx: Tx, payouts: readonly Payout[], reason: string, actor: Actor): Promise<void> {
    const moment = { at: new Date(), actor: nameOf(actor) };
    for (const payout of payouts) payout.fail(reason, moment);
    await this.void(tx, payouts, actor);
  }

  async cancelled(tx: Tx, payout: Payout, reason: string, actor: Actor): Promise<void> {
    payout.cancel(reason, { at: new Date(), actor: nameOf(actor) });
    await this.void(tx, [payout], actor);
  }

  private async void(tx: Tx, payouts: readonly Payout[], actor: Actor): Promise<void> {
    await this.ledger.post(
      tx,
      payouts.map((payout) => payoutVoided.build({ payout: payout.snapshot(), actor: nameOf(actor) })),
    );
  }

  /**
   * The provider is proved to have paid what had failed for good: the payout stays failed, the money is
   * overpaid, and somebody must know.
   */
  private async noteLate(tx: Tx, asked: readonly Asked[]): Promise<void> {
    const late = asked.filter(
      ({ payout, standing }) => payout.snapshot().status === 'FAILED' && standing.status === 'completed',
    );
    for (const { payout, standing } of late)
      this.log.error('payout.paid_late', {
        payout_id: payout.snapshot().id,
        transfer_id: standing.transferId,
      });
    await this.payouts.note(
      tx,
      late.map(({ payout }): MoneyEvent => ({
        payout: payout.snapshot(),
        kind: 'paid_late',
        reason: 'provider_holds_transfer',
      })),
    );
  }
}

function isUnpaid({ standing }: Asked): boolean {
  return standing.status === 'failed_terminal' || standing.status === 'cancelled';
}

function reasonOf({ status, reason }: TransferStatusView): string {
  return reason ?? `transfer_${status}`;
}
