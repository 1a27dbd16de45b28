import { Injectable } from '@nestjs/common';
import { nameOf, type Actor } from '../../../kernel/actor';
import type { Tx } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import { TransferNotFound } from '../contract';
import type { Consequence, Moment, Transfer } from '../domain/transfer';
import { Consequences } from './consequences';
import { TransferRepository } from './ports';
import { transferAudited } from './transfer-audited';

export interface DecideCommand {
  readonly transferId: string;
  readonly reason: string;
  readonly actor: Actor;
}

/**
 * What a person decides about one transfer, without asking the provider. All throw TransferNotFound and
 * InvalidTransition.
 */
@Injectable()
export class DecideTransfer {
  constructor(
    private readonly transfers: TransferRepository,
    private readonly consequences: Consequences,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws TransferInFlight while a call has an unknown effect. */
  cancel(tx: Tx, command: DecideCommand): Promise<void> {
    return this.decide(tx, command, 'cancelled', (transfer, moment) =>
      transfer.cancel(command.reason, moment),
    );
  }

  /** Manual rail: the money was sent, `externalId` is the bank's own reference. */
  markPaid(tx: Tx, command: DecideCommand & { readonly externalId: string }): Promise<void> {
    return this.decide(tx, command, 'marked_paid', (transfer, moment) =>
      transfer.confirmPaid(command.externalId, command.reason, moment),
    );
  }

  /** Manual rail: it will not be sent. */
  markFailed(tx: Tx, command: DecideCommand): Promise<void> {
    return this.decide(tx, command, 'marked_failed', (transfer, moment) =>
      transfer.confirmFailed(command.reason, moment),
    );
  }

  private async decide(
    tx: Tx,
    command: DecideCommand,
    done: string,
    decision: (transfer: Transfer, moment: Moment) => Consequence,
  ): Promise<void> {
    const { now, transfers } = await this.transfers.lock(tx, [command.transferId]);
    const [transfer] = transfers;
    if (!transfer) throw new TransferNotFound();
    const before = transfer.snapshot();
    const consequence = decision(transfer, { now, jitter: 0, actor: nameOf(command.actor) });
    await this.transfers.save(tx, [transfer]);
    await this.keepProof(tx, transfer, consequence);
    await this.consequences.carryOut(tx, [{ transfer, consequence }], nameOf(command.actor));
    await this.audit.record(
      tx,
      command.actor,
      transferAudited(done, before, transfer.snapshot(), command.reason),
    );
  }

  private async keepProof(tx: Tx, transfer: Transfer, consequence: Consequence): Promise<void> {
    if (consequence !== 'completed') return;
    const { id, amountMinor, currency, providerTransferId } = transfer.snapshot();
    const at = {
      id: providerTransferId as string,
      amountMinor,
      currency,
      destination: 'manual',
      transferId: id,
      balanceTransactionId: null,
      destinationPaymentId: null,
    };
    await this.transfers.keepEvidence(tx, [{ transferId: id, at, source: 'operator' }]);
  }
}
