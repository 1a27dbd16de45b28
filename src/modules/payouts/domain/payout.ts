import { InvalidTransition } from '../../../kernel/errors';
import type { Rail } from '../../transfers/contract';
import { TooLateToCancel } from './errors';

/** `NEW` it is owed and nothing was done yet; `PROCESSING` a transfer carries it; the others are final. */
export const PAYOUT_STATUSES = ['NEW', 'PROCESSING', 'COMPLETED', 'FAILED', 'CANCELLED'] as const;
export type PayoutStatus = (typeof PAYOUT_STATUSES)[number];

/** Repeated by a trigger of the table. */
const NEXT: Record<PayoutStatus, readonly PayoutStatus[]> = {
  NEW: ['PROCESSING', 'FAILED', 'CANCELLED'],
  PROCESSING: ['COMPLETED', 'FAILED'],
  COMPLETED: [],
  FAILED: [],
  CANCELLED: [],
};

/**
 * What is kept of the recipient as it was then: a payout does not follow whoever is renamed or moves to
 * another bank.
 */
export interface RecipientShown {
  readonly recipientName: string;
  /** The end of the account number, which may be shown; null without bank details. */
  readonly accountTail: string | null;
  readonly bankCode: string | null;
}

/** What was asked for; never changes. */
export interface PayoutTerms extends RecipientShown {
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
  /** Why it ended without payment; null otherwise. */
  readonly reason: string | null;
  /** Null until it is processed. */
  readonly transferId: string | null;
  readonly updatedAt: Date;
  readonly finishedAt: Date | null;
}

/** One step of a payout, to be kept. */
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

/**
 * A request to pay somebody, from the day it is owed until it is paid or known not to be. All changes throw
 * InvalidTransition.
 */
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

  /** Only while nothing was sent. */
  cancel(reason: string, moment: Moment): void {
    this.move('CANCELLED', moment, { reason, finishedAt: moment.at });
  }

  /** Throws InvalidTransition for a status it cannot get to from where it is. */
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
