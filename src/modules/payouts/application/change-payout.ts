import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/actor';
import type { Tx } from '../../../kernel/tx';
import { Transfers } from '../../transfers';
import { BankReferenceMissing, PayoutNotFound, TransferDecides } from '../domain/errors';
import { Payout, type PayoutSnapshot, type PayoutStatus } from '../domain/payout';
import { EndPayouts } from './end-payouts';
import { KeepPayouts } from './keep-payouts';
import { changedRecord } from './payout-audited';
import { PayoutStore } from './ports';
import { StartPayouts } from './start-payouts';

export interface ChangeCommand {
  readonly to: PayoutStatus;
  readonly reason: string;
  /** The bank's own reference of a payment that was sent by hand. */
  readonly externalId?: string | undefined;
  readonly actor: Actor;
}

/**
 * What a person decides about a payout. Where a transfer carries it, the decision is the transfer's, and the
 * payout follows.
 */
@Injectable()
export class ChangePayout {
  constructor(
    private readonly payouts: PayoutStore,
    private readonly transfers: Transfers,
    private readonly startPayouts: StartPayouts,
    private readonly endPayouts: EndPayouts,
    private readonly keepPayouts: KeepPayouts,
  ) {}

  /** Throws PayoutNotFound, InvalidTransition, TransferDecides, TransferInFlight, BankReferenceMissing. */
  async execute(tx: Tx, id: string, command: ChangeCommand): Promise<PayoutSnapshot> {
    const before = await this.payouts.find(tx, id);
    if (!before) throw new PayoutNotFound();
    Payout.rehydrate(before).assertMayBecome(command.to);
    const payout =
      before.status === 'PROCESSING'
        ? await this.throughTransfer(tx, before, command)
        : await this.directly(tx, before, command);
    const after = payout.snapshot();
    await this.keepPayouts.execute(tx, [payout], {
      actor: command.actor,
      records: [changedRecord(before, after)],
    });
    return after;
  }

  private async directly(
    tx: Tx,
    { id, status }: PayoutSnapshot,
    { to, reason, actor }: ChangeCommand,
  ): Promise<Payout> {
    const payout = await this.locked(tx, id);
    // A worker was quicker: what was asked for is judged again, by what is true now.
    if (payout.snapshot().status !== status) payout.assertMayBecome(to);
    if (payout.snapshot().status === 'PROCESSING') throw new TransferDecides('PROCESSING', to);
    if (to === 'PROCESSING') await this.startPayouts.execute(tx, [payout], actor);
    if (to === 'FAILED') await this.endPayouts.unpaid(tx, [payout], reason, actor);
    if (to === 'CANCELLED') await this.endPayouts.cancelled(tx, payout, reason, actor);
    return payout;
  }

  private async throughTransfer(tx: Tx, before: PayoutSnapshot, command: ChangeCommand): Promise<Payout> {
    await this.decide(tx, before, command);
    const [payout] = await this.endPayouts.afterTransfers(tx, [before.id], command.actor);
    if (!payout) throw new PayoutNotFound();
    return payout;
  }

  private async decide(
    tx: Tx,
    { transferId, rail, status }: PayoutSnapshot,
    { to, reason, externalId, actor }: ChangeCommand,
  ): Promise<void> {
    const decision = { transferId: transferId as string, reason, actor };
    if (to === 'FAILED')
      return rail === 'manual'
        ? this.transfers.markFailed(tx, decision)
        : this.transfers.cancel(tx, decision);
    if (rail !== 'manual') throw new TransferDecides(status, to);
    if (externalId === undefined) throw new BankReferenceMissing();
    return this.transfers.markPaid(tx, { ...decision, externalId });
  }

  private async locked(tx: Tx, id: string): Promise<Payout> {
    const [payout] = await this.payouts.lock(tx, [id]);
    if (!payout) throw new PayoutNotFound();
    return payout;
  }
}
