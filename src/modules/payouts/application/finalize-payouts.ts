import { Injectable } from '@nestjs/common';
import { nameOf, type Actor } from '../../../kernel/actor';
import type { Tx } from '../../../kernel/tx';
import { Log } from '../../../platform/logging';
import { Ledger } from '../../ledger';
import { type TransferStatusView, Transfers } from '../../transfers';
import { payoutVoided } from '../domain/accounting';
import { type Payout, PAYOUT_ORIGIN } from '../domain/payout';
import { type MoneyEvent, PayoutRepository } from './ports';

interface PayoutWithTransfer {
  readonly payout: Payout;
  readonly transfer: TransferStatusView;
}

/** Moves payouts to their final status. The caller saves them. */
@Injectable()
export class FinalizePayouts {
  constructor(
    private readonly payouts: PayoutRepository,
    private readonly transfers: Transfers,
    private readonly ledger: Ledger,
    private readonly log: Log,
  ) {}

  /**
   * Completes or fails payouts as their transfers ended. It reads the transfers instead of using the status
   * in the event: a transfer that had failed may be completed by the time its event is handled. Transfers
   * are locked before payouts, here and in every other place that locks both.
   *
   * @returns all payouts with these ids, locked, whether they changed or not
   */
  async execute(tx: Tx, payoutIds: readonly string[], actor: Actor): Promise<Payout[]> {
    const transfers = await this.transfers.statusOf(tx, PAYOUT_ORIGIN, payoutIds);
    const payouts = await this.payouts.lock(tx, payoutIds);
    const pairs = payouts.flatMap((payout) => {
      const transfer = transfers.get(payout.snapshot().id);
      return transfer ? [{ payout, transfer }] : [];
    });
    await this.recordLatePayments(tx, pairs);
    const open = pairs.filter(({ payout }) => payout.snapshot().status === 'PROCESSING');
    const moment = { at: new Date(), actor: nameOf(actor) };
    for (const { payout, transfer } of open) if (transfer.status === 'completed') payout.complete(moment);
    for (const { payout, transfer } of open.filter(isUnpaid)) payout.fail(reasonOf(transfer), moment);
    const unpaid = open.filter(isUnpaid).map(({ payout }) => payout);
    if (unpaid.length)
      await this.transfers.endOrigins(
        tx,
        PAYOUT_ORIGIN,
        unpaid.map((payout) => payout.snapshot().id),
      );
    await this.postVoided(tx, unpaid, actor);
    return payouts;
  }

  /**
   * Fails payouts that have no transfer, or whose transfer has already released its money.
   *
   * @throws InvalidTransition
   */
  async fail(tx: Tx, payouts: readonly Payout[], reason: string, actor: Actor): Promise<void> {
    const moment = { at: new Date(), actor: nameOf(actor) };
    for (const payout of payouts) payout.fail(reason, moment);
    await this.postVoided(tx, payouts, actor);
  }

  /** @throws InvalidTransition */
  async cancel(tx: Tx, payout: Payout, reason: string, actor: Actor): Promise<void> {
    payout.cancel(reason, { at: new Date(), actor: nameOf(actor) });
    await this.postVoided(tx, [payout], actor);
  }

  private async postVoided(tx: Tx, payouts: readonly Payout[], actor: Actor): Promise<void> {
    await this.ledger.post(
      tx,
      payouts.map((payout) => payoutVoided.build({ payout: payout.snapshot(), actor: nameOf(actor) })),
    );
  }

  /**
   * The provider has paid a transfer that had failed for good. The payout stays FAILED, the money is overpaid,
   * and operators are alerted by the log line.
   */
  private async recordLatePayments(tx: Tx, pairs: readonly PayoutWithTransfer[]): Promise<void> {
    const late = pairs.filter(
      ({ payout, transfer }) => payout.snapshot().status === 'FAILED' && transfer.status === 'completed',
    );
    for (const { payout, transfer } of late)
      this.log.error('payout.paid_late', {
        payout_id: payout.snapshot().id,
        transfer_id: transfer.transferId,
      });
    await this.payouts.recordMoneyEvents(
      tx,
      late.map(({ payout }): MoneyEvent => ({
        payout: payout.snapshot(),
        kind: 'paid_late',
        reason: 'provider_holds_transfer',
      })),
    );
  }
}

function isUnpaid({ transfer }: PayoutWithTransfer): boolean {
  return transfer.status === 'failed_terminal' || transfer.status === 'cancelled';
}

function reasonOf({ status, reason }: TransferStatusView): string {
  return reason ?? `transfer_${status}`;
}
