import type { Tx, PendingWrite } from '../../../kernel/tx';
import type { Payout, PayoutSnapshot } from '../domain/payout';

/** The name of the cached lists of payouts. */
export const PAYOUT_LIST = 'payouts';

export type PayoutEventKind = 'status_changed' | 'paid_late' | 'reversed';

/** A movement of a payout's money that does not change its status. */
export interface MoneyEvent {
  readonly payout: PayoutSnapshot;
  readonly kind: Exclude<PayoutEventKind, 'status_changed'>;
  readonly reason: string;
}

/**
 * All writes of this module. A write that changes what lists show invalidates the cached lists of the tenant.
 */
export abstract class PayoutRepository {
  /** New payouts, to be written together with their entries and events. */
  abstract pendingInsert(tx: Tx, payouts: readonly PayoutSnapshot[]): PendingWrite;
  abstract find(tx: Tx, id: string): Promise<PayoutSnapshot | null>;
  /** Locks the rows in the order of their ids and waits for other transactions. Skips unknown ids. */
  abstract lock(tx: Tx, ids: readonly string[]): Promise<Payout[]>;
  /** Writes the new states, and one event per change of status. */
  abstract save(tx: Tx, payouts: readonly Payout[]): Promise<void>;
  /** Shown among the events of the payout, in no list of payouts. */
  abstract recordMoneyEvents(tx: Tx, events: readonly MoneyEvent[]): Promise<void>;
}
