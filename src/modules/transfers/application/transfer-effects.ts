import { Injectable } from '@nestjs/common';
import type { DomainEvent } from '../../../kernel/events';
import type { Tx } from '../../../kernel/tx';
import { Outbox } from '../../../platform/outbox';
import { Log } from '../../../platform/logging';
import { Ledger } from '../../ledger';
import type { EntryDraft } from '../../ledger/contract';
import { TransferCancelled, TransferCompleted, TransferFailed, type TransferFact } from '../contract';
import { source, transferCompleted, transferCompletedLate, transferReleased } from '../domain/accounting';
import type { Transfer } from '../domain/transfer';
import type { TransferEffect, TransferSnapshot } from '../domain/transfer-snapshot';

/** What a call, an event or an operator did to a transfer. */
export interface TransferOutcome {
  readonly transfer: Transfer;
  readonly effect: TransferEffect;
}

/** The ledger entries and events that follow from transfer outcomes, in the same transaction. */
@Injectable()
export class TransferEffects {
  constructor(
    private readonly ledger: Ledger,
    private readonly outbox: Outbox,
    private readonly log: Log,
  ) {}

  async apply(tx: Tx, outcomes: readonly TransferOutcome[], actor: string): Promise<void> {
    const effective = outcomes
      .filter(({ effect }) => effect !== 'none')
      .map(({ transfer, effect }) => ({ snapshot: transfer.snapshot(), effect }));
    if (!effective.length) return;
    const late = effective
      .filter(({ effect }) => effect === 'completed_late')
      .map(({ snapshot }) => snapshot);
    const entries: EntryDraft[] = await this.lateEntries(tx, late, actor);
    for (const { snapshot, effect } of effective) {
      if (effect === 'completed') entries.push(transferCompleted.build({ transfer: snapshot, actor }));
      if (effect === 'released') entries.push(transferReleased.build({ transfer: snapshot, actor }));
    }
    await this.ledger.post(tx, entries);
    await this.outbox.publish(
      tx,
      effective.map(({ snapshot }) => eventOf(snapshot)),
    );
  }

  /** One after another: two late successes of one recipient share what is left on the source account. */
  private async lateEntries(tx: Tx, late: readonly TransferSnapshot[], actor: string): Promise<EntryDraft[]> {
    if (!late.length) return [];
    const balances = await this.ledger.lockBalances(tx, late.map(source));
    const left = new Map(late.map((t, i) => [keyOf(t), balances[i] as bigint]));
    return late.map((transfer) => {
      // After the origin took its money back, what is left there belongs to other origins.
      const available = transfer.originEnded ? 0n : (left.get(keyOf(transfer)) as bigint);
      if (!transfer.originEnded)
        left.set(keyOf(transfer), available > transfer.amountMinor ? available - transfer.amountMinor : 0n);
      this.log.error('transfer.completed_late', {
        transfer_id: transfer.id,
        overpaid: available < transfer.amountMinor,
      });
      return transferCompletedLate.build({ transfer, available, actor });
    });
  }
}

function keyOf(t: TransferSnapshot): string {
  return `${t.recipientId}|${t.purpose}|${t.currency}`;
}

const EVENT = {
  completed: TransferCompleted,
  failed_terminal: TransferFailed,
  cancelled: TransferCancelled,
} as const;

function eventOf(t: TransferSnapshot): DomainEvent {
  return EVENT[t.state as keyof typeof EVENT].of(factOf(t));
}

export function factOf(t: TransferSnapshot): TransferFact {
  return {
    transfer_id: t.id,
    origin: { kind: t.originKind, id: t.originId },
    job_id: t.jobId,
    recipient_id: t.recipientId,
    reason: t.reason,
  };
}
