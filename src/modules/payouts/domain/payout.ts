import { InvalidTransition } from '../../../kernel/errors';
import type { Rail } from '../../transfers/contract';
import { TooLateToCancel } from './errors';

/** `NEW`: not dispatched yet. `PROCESSING`: a transfer pays it. The others are final. */
export const PAYOUT_STATUSES = ['NEW', 'PROCESSING', 'COMPLETED', 'FAILED', 'CANCELLED'] as const;
export type PayoutStatus = (typeof PAYOUT_STATUSES)[number];

/** The kind of origin that transfers of payouts have. */
export const PAYOUT_ORIGIN = 'payout';

/** The trigger of the table has the same list. */
const NEXT: Record<PayoutStatus, readonly PayoutStatus[]> = {
  NEW: ['PROCESSING', 'FAILED', 'CANCELLED'],
  PROCESSING: ['COMPLETED', 'FAILED'],
  COMPLETED: [],
  FAILED: [],
  CANCELLED: [],
};

/** The recipient as they were at creation: later changes of name or bank do not change the payout. */
export interface RecipientAtCreation {
  readonly recipientName: string;
  /** The last digits of the account number, the only part that is shown; null without bank details. */
  readonly accountTail: string | null;
  readonly bankCode: string | null;
}

/** The terms of the request. They never change. */
export interface PayoutTerms extends RecipientAtCreation {
  readonly id: string;
  readonly recipientId: string;
  /** Minor units, above 0. */
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly rail: Rail;
  readonly description: string | null;
  readonly metadata: Record<string, string>;
  readonly createdBy: string;
  readonly createdAt: Date;
}

export interface PayoutSnapshot extends PayoutTerms {
  readonly status: PayoutStatus;
  /** Why it ended without payment; null in all other states. */
  readonly reason: string | null;
  /** Null while NEW, and after an end without any transfer. */
  readonly transferId: string | null;
  readonly updatedAt: Date;
  readonly finishedAt: Date | null;
}

/** One change of status, to be stored as an event. */
export interface PayoutChange {
  readonly payoutId: string;
  readonly from: PayoutStatus;
  readonly to: PayoutStatus;
  readonly reason: string | null;
  readonly actor: string;
  readonly at: Date;
}

export interface Moment {
  readonly at: Date;
  readonly actor: string;
}

/** A request to pay one recipient, from its creation to its end. Every change may throw InvalidTransition. */
export class Payout {
  readonly changes: PayoutChange[] = [];

  private constructor(private state: PayoutSnapshot) {}

  static create(terms: PayoutTerms): Payout {
    return new Payout({
      ...terms,
      status: 'NEW',
      reason: null,
      transferId: null,
      updatedAt: terms.createdAt,
      finishedAt: null,
    });
  }

  static rehydrate(snapshot: PayoutSnapshot): Payout {
    return new Payout(snapshot);
  }

  snapshot(): PayoutSnapshot {
    return this.state;
  }

  start(transferId: string, moment: Moment): void {
    this.move('PROCESSING', moment, { transferId });
  }

  complete(moment: Moment): void {
    this.move('COMPLETED', moment, { finishedAt: moment.at });
  }

  fail(reason: string, moment: Moment): void {
    this.move('FAILED', moment, { reason, finishedAt: moment.at });
  }

  /** Possible only while NEW: nothing was sent. */
  cancel(reason: string, moment: Moment): void {
    this.move('CANCELLED', moment, { reason, finishedAt: moment.at });
  }

  /** @throws InvalidTransition, and TooLateToCancel, which says what to do instead */
  assertMayBecome(to: PayoutStatus): void {
    if (this.state.status === 'PROCESSING' && to === 'CANCELLED') throw new TooLateToCancel();
    if (!NEXT[this.state.status].includes(to)) throw new InvalidTransition('payout', this.state.status, to);
  }

  private move(to: PayoutStatus, { at, actor }: Moment, change: Partial<PayoutSnapshot>): void {
    this.assertMayBecome(to);
    this.changes.push({
      payoutId: this.state.id,
      from: this.state.status,
      to,
      reason: change.reason ?? null,
      actor,
      at,
    });
    this.state = { ...this.state, ...change, status: to, updatedAt: at };
  }
}
