import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/actor';
import type { Tx } from '../../../kernel/tx';
import { Transfers } from '../../transfers';
import { BankReferenceMissing, PayoutNotFound, TransferDecides } from '../domain/errors';
import { Payout, type PayoutSnapshot, type PayoutStatus } from '../domain/payout';
import { changedRecord } from './audit-records';
import { DispatchPayouts } from './dispatch-payouts';
import { FinalizePayouts } from './finalize-payouts';
import { PayoutRepository } from './ports';
import { SavePayouts } from './save-payouts';

export interface ChangeCommand {
  readonly to: PayoutStatus;
  readonly reason: string;
  /** The bank's reference of a payment that was sent by hand. Required to complete it. */
  readonly externalId?: string | undefined;
  readonly actor: Actor;
}

/**
 * Changes the status of a payout as an operator decided. While the payout has an open transfer, the decision is
 * applied to the transfer, and the payout takes over the result.
 */
@Injectable()
export class ChangePayout {
  constructor(
    private readonly payouts: PayoutRepository,
    private readonly transfers: Transfers,
    private readonly dispatchPayouts: DispatchPayouts,
    private readonly finalizePayouts: FinalizePayouts,
    private readonly savePayouts: SavePayouts,
  ) {}

  /** @throws PayoutNotFound, InvalidTransition, TransferDecides, TransferInFlight, BankReferenceMissing */
  async execute(tx: Tx, id: string, command: ChangeCommand): Promise<PayoutSnapshot> {
    const before = await this.payouts.find(tx, id);
    if (!before) throw new PayoutNotFound();
    Payout.rehydrate(before).assertMayBecome(command.to);
    const payout =
      before.status === 'PROCESSING'
        ? await this.changeThroughTransfer(tx, before, command)
        : await this.changeDirectly(tx, before, command);
    const after = payout.snapshot();
    await this.savePayouts.execute(tx, [payout], {
      actor: command.actor,
      records: [changedRecord(before, after)],
    });
    return after;
  }

  private async changeDirectly(
    tx: Tx,
    { id, status }: PayoutSnapshot,
    { to, reason, actor }: ChangeCommand,
  ): Promise<Payout> {
    const payout = await this.lock(tx, id);
    // A worker changed it between the read and the lock: check again against the current status.
    if (payout.snapshot().status !== status) payout.assertMayBecome(to);
    if (payout.snapshot().status === 'PROCESSING') throw new TransferDecides('PROCESSING', to);
    if (to === 'PROCESSING') await this.dispatchPayouts.execute(tx, [payout], actor);
    if (to === 'FAILED') await this.finalizePayouts.fail(tx, [payout], reason, actor);
    if (to === 'CANCELLED') await this.finalizePayouts.cancel(tx, payout, reason, actor);
    return payout;
  }

  private async changeThroughTransfer(
    tx: Tx,
    before: PayoutSnapshot,
    command: ChangeCommand,
  ): Promise<Payout> {
    await this.changeTransfer(tx, before, command);
    const [payout] = await this.finalizePayouts.execute(tx, [before.id], command.actor);
    if (!payout) throw new PayoutNotFound();
    return payout;
  }

  private async changeTransfer(
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

  private async lock(tx: Tx, id: string): Promise<Payout> {
    const [payout] = await this.payouts.lock(tx, [id]);
    if (!payout) throw new PayoutNotFound();
    return payout;
  }
}
