import type { Rail } from '../../transfers/contract';
import type { ApprovalFacts } from './approval';
import type { InputError } from './errors';
import type { Exclusion } from './plan';

/**
 * - `checking`: a stream has arrived and is checked
 * - `recording`: its ledger entries are posted, chunk by chunk
 * - `awaiting_approval`: all entries are posted; a second user or key must approve the plan
 * - `recorded`: it waits for its expansion
 * - `rejected`: the checks of a stream found errors
 * - `cancelling`: its entries are reversed, chunk by chunk
 * - `cancelled`: all entries are reversed
 * - `expanding`: its transfers are created, chunk by chunk
 * - `expanded`: all transfers are created
 *
 * An upload that is still arriving is not a settlement yet; see the table settlements.uploads.
 */
export const SETTLEMENT_STATES = [
  'checking',
  'recording',
  'awaiting_approval',
  'recorded',
  'rejected',
  'cancelling',
  'cancelled',
  'expanding',
  'expanded',
] as const;
export type SettlementState = (typeof SETTLEMENT_STATES)[number];

export interface Rejection {
  /** The number of all errors; `problems` has the first hundred. */
  readonly total: number;
  readonly problems: readonly InputError[];
}

export interface SettlementSnapshot extends ApprovalFacts {
  readonly id: string;
  readonly contestId: string;
  readonly currency: string;
  readonly poolMinor: bigint;
  readonly platformShareMinor: bigint;
  readonly remainderMinor: bigint;
  readonly allowRemainder: boolean;
  /** The rail of all its awards. */
  readonly rail: Rail;
  readonly state: SettlementState;
  readonly awardCount: number;
  /** How many awards, from position 0, have their ledger entry. */
  readonly recordedThrough: number;
  /** How many awards, from position 0, have their ledger entry reversed. */
  readonly reversedThrough: number;
  readonly exclusions: readonly Exclusion[];
  readonly rejection: Rejection | null;
  readonly createdBy: string;
  readonly recordedAt: Date | null;
  readonly cancelledBy: string | null;
  readonly cancelledAt: Date | null;
  readonly cancelReason: string | null;
}

/** The parameters of a stream. */
export interface StreamHeader {
  readonly contestId: string;
  readonly currency: string;
  readonly poolMinor: bigint;
  readonly platformShareMinor: bigint;
  readonly allowRemainder: boolean;
  readonly rail: Rail;
}

/** The result of the checks of a stream, and the approval limit at that time. */
export interface CheckedStream {
  readonly awardCount: number;
  readonly awardsMinor: bigint;
  readonly resultHash: string;
  readonly approvalAbove: bigint | null;
}
