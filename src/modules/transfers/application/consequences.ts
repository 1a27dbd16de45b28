import { Injectable } from '@nestjs/common';
import type { DomainEvent } from '../../../kernel/events';
import type { Tx } from '../../../kernel/tx';
import { Outbox } from '../../../platform/outbox';
import { Log } from '../../../platform/logging';
import { Ledger } from '../../ledger';
import type { EntryDraft } from '../../ledger/contract';
import { TransferCancelled, TransferCompleted, TransferFailed, type TransferFact } from '../contract';
import { source, transferCompleted, transferCompletedLate, transferReleased } from '../domain/accounting';
import type { Consequence, Transfer } from '../domain/transfer';
import type { TransferSnapshot } from '../domain/transfer-snapshot';

export interface Change {
  readonly transfer: Transfer;
  readonly consequence: Consequence;
}

/** What a change of transfers means for the ledger and for those who wait for it; in the same transaction. */
@Injectable()
export class Consequences {
  constructor(
    private readonly ledger: Ledger,
    private readonly outbox: Outbox,
    private readonly log: Log,
  ) {}

  async carryOut(tx: Tx, changes: readonly Change[], actor: string): Promise<void> {
    const effective = changes
      .filter(({ consequence }) => consequence !== 'none')
      .map(({ transfer, consequence }) => ({ snapshot: transfer.snapshot(), consequence }));
    if (!effective.length) return;
    const late = effective
      .filter(({ consequence }) => consequence === 'completed_late')
      .map(({ snapshot }) => snapshot);
    const entries: EntryDraft[] = await this.lateEntries(tx, late, actor);
    for (const { snapshot, consequence } of effective) {
      if (consequence === 'completed') entries.push(transferCompleted.build({ transfer: snapshot, actor }));
      if (consequence === 'released') entries.push(transferReleased.build({ transfer: snapshot, actor }));
    }
    await this.ledger.post(tx, entries);
    await this.outbox.publish(
      tx,
      effective.map(({ snapshot }) => eventOf(snapshot)),
    );
  }

  /** One after another: two late successes of one recipient share what the source still holds. */
  private async lateEntries(tx: Tx, late: readonly TransferSnapshot[], actor: string): Promise<EntryDraft[]> {
    if (!late.length) return [];
    const held = await this.ledger.lockBalances(tx, late.map(source));
    const left = new Map(late.map((t, i) => [keyOf(t), held[i] as bigint]));
    return late.map((transfer) => {
      // What lies there after its origin took its own back is somebody else's.
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
