import { Injectable } from '@nestjs/common';
import { nameOf, type Actor } from '../../../kernel/actor';
import type { Tx } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import type { Moment } from '../domain/after-call';
import { TransferNotFound } from '../domain/errors';
import type { Transfer } from '../domain/transfer';
import type { TransferEffect } from '../domain/transfer-snapshot';
import { TransferRepository } from './ports';
import { auditRecordOf } from './transfer-audit';
import { TransferEffects } from './transfer-effects';

export interface DecideCommand {
  readonly transferId: string;
  readonly reason: string;
  readonly actor: Actor;
}

/** Decisions of an operator that need no call to the provider. All throw TransferNotFound and InvalidTransition. */
@Injectable()
export class DecideTransfer {
  constructor(
    private readonly transfers: TransferRepository,
    private readonly effects: TransferEffects,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws TransferInFlight while a call has an unknown effect. */
  cancel(tx: Tx, command: DecideCommand): Promise<void> {
    return this.decide(tx, command, 'cancelled', (transfer, moment) =>
      transfer.cancel(command.reason, moment),
    );
  }

  /** Manual rail: the money was sent; `externalId` is the bank's own reference. */
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
    action: string,
    decision: (transfer: Transfer, moment: Moment) => TransferEffect,
  ): Promise<void> {
    const { now, transfers } = await this.transfers.lock(tx, [command.transferId]);
    const [transfer] = transfers;
    if (!transfer) throw new TransferNotFound();
    const before = transfer.snapshot();
    const effect = decision(transfer, { now, jitter: 0, actor: nameOf(command.actor) });
    await this.transfers.save(tx, [transfer]);
    if (effect === 'completed') await this.addEvidence(tx, transfer);
    await this.effects.apply(tx, [{ transfer, effect }], nameOf(command.actor));
    await this.audit.record(
      tx,
      command.actor,
      auditRecordOf(action, before, transfer.snapshot(), command.reason),
    );
  }

  private async addEvidence(tx: Tx, transfer: Transfer): Promise<void> {
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
    await this.transfers.addEvidence(tx, [{ transferId: id, at, source: 'operator' }]);
  }
}
