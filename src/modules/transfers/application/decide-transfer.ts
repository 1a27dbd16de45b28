import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/tx';
import { TransferNotFound } from '../contract';
import type { Consequence, Moment, Transfer } from '../domain/transfer';
import { Consequences } from './consequences';
import { TransferRepository } from './ports';

export interface DecideCommand {
  readonly transferId: string;
  readonly reason: string;
  readonly actor: string;
}

/** What a person decides about one transfer, without asking the provider. All throw TransferNotFound and InvalidTransition. */
@Injectable()
export class DecideTransfer {
  constructor(
    private readonly transfers: TransferRepository,
    private readonly consequences: Consequences,
  ) {}

  /** Throws TransferInFlight while a call has an unknown effect. */
  cancel(tx: Tx, command: DecideCommand): Promise<void> {
    return this.decide(tx, command, (transfer, moment) => transfer.cancel(command.reason, moment));
  }

  /** Manual rail: the money was sent, `externalId` is the bank's own reference. */
  markPaid(tx: Tx, command: DecideCommand & { readonly externalId: string }): Promise<void> {
    return this.decide(tx, command, (transfer, moment) => transfer.confirmPaid(command.externalId, command.reason, moment));
  }

  /** Manual rail: it will not be sent. */
  markFailed(tx: Tx, command: DecideCommand): Promise<void> {
    return this.decide(tx, command, (transfer, moment) => transfer.confirmFailed(command.reason, moment));
  }

  private async decide(tx: Tx, command: DecideCommand, decision: (transfer: Transfer, moment: Moment) => Consequence): Promise<void> {
    const { now, transfers } = await this.transfers.lock(tx, [command.transferId]);
    const [transfer] = transfers;
    if (!transfer) throw new TransferNotFound();
    const consequence = decision(transfer, { now, jitter: 0, actor: command.actor });
    await this.transfers.save(tx, [transfer]);
    await this.keepProof(tx, transfer, consequence);
    await this.consequences.carryOut(tx, [{ transfer, consequence }], command.actor);
  }

  private async keepProof(tx: Tx, transfer: Transfer, consequence: Consequence): Promise<void> {
    if (consequence !== 'completed') return;
    const { id, amountMinor, currency, providerTransferId } = transfer.snapshot();
    const at = { id: providerTransferId as string, amountMinor, currency, destination: 'manual', transferId: id, balanceTransactionId: null, destinationPaymentId: null };
    await this.transfers.keepEvidence(tx, [{ transferId: id, at, source: 'operator' }]);
  }
}
