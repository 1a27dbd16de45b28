import type { Tx, PendingWrite } from '../../../kernel/tx';
import type { Payout, PayoutSnapshot } from '../domain/payout';

/** The name under which lists of payouts are kept. */
export const PAYOUT_PAGES = 'payouts';

export type PayoutEventKind = 'status_changed' | 'paid_late' | 'reversed';

/** Something that happened to a payout's money and left its status as it was. */
export interface MoneyEvent {
  readonly payout: PayoutSnapshot;
  readonly kind: Exclude<PayoutEventKind, 'status_changed'>;
  readonly reason: string;
}

/**
 * Every write of this module goes through here. What lists show makes those that were kept for the tenant out
 * of date.
 */
export abstract class PayoutStore {
  /** New payouts, to be written with what belongs to them. */
  abstract adding(tx: Tx, payouts: readonly PayoutSnapshot[]): PendingWrite;
  abstract find(tx: Tx, id: string): Promise<PayoutSnapshot | null>;
  /** In the order of their ids; waits for whoever holds one. Unknown ids are left out. */
  abstract lock(tx: Tx, ids: readonly string[]): Promise<Payout[]>;
  /** Writes the new states and the steps to them. */
  abstract save(tx: Tx, payouts: readonly Payout[]): Promise<void>;
  /** Shown with the payout's own story and in no list. */
  abstract note(tx: Tx, events: readonly MoneyEvent[]): Promise<void>;
}
