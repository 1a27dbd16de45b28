import { InvalidTransition } from '../../../kernel/errors';
import type { Rail } from '../../transfers/contract';
import {
  type Agreement,
  type ApprovalFacts,
  approvalOf,
  assertApproved,
  type Maker,
  needsApproval,
} from './approval';
import { REFUSALS_SHOWN_MAX, type Refusal } from './errors';
import type { Exclusion, SettlementPlan } from './plan';

/**
 * `checking` a stream arrived whole and is checked; `recording` its ledger entries are being written, chunk by chunk;
 * `awaiting_approval` they are written, and somebody else must agree first; `recorded` it waits for the scheduler; `expanding`
 * and `expanded` its transfers are made; `cancelling` its entries are being taken back, chunk by chunk. What
 * is still arriving is no settlement yet: see settlements.intakes.
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

const NEXT: Record<SettlementState, readonly SettlementState[]> = {
  checking: ['recording', 'rejected'],
  recording: ['awaiting_approval', 'recorded'],
  awaiting_approval: ['cancelling', 'recorded'],
  recorded: ['cancelling', 'expanding'],
  rejected: [],
  cancelling: ['cancelled'],
  cancelled: [],
  expanding: ['expanded'],
  expanded: [],
};

export interface Rejection {
  /** How many problems there are; the first hundred of them are kept. */
  readonly total: number;
  readonly problems: readonly Refusal[];
}

export interface SettlementSnapshot extends ApprovalFacts {
  readonly id: string;
  readonly contestId: string;
  readonly currency: string;
  readonly poolMinor: bigint;
  readonly platformShareMinor: bigint;
  readonly remainderMinor: bigint;
  readonly allowRemainder: boolean;
  /** How its awards are paid. */
  readonly rail: Rail;
  readonly state: SettlementState;
  readonly awardCount: number;
  /** Awards whose ledger entry is written, from position 0. */
  readonly recordedThrough: number;
  /** Awards whose ledger entry is taken back, from position 0. */
  readonly reversedThrough: number;
  readonly exclusions: readonly Exclusion[];
  readonly rejection: Rejection | null;
  readonly createdBy: string;
  readonly recordedAt: Date | null;
  readonly cancelledBy: string | null;
  readonly cancelledAt: Date | null;
  readonly cancelReason: string | null;
}

/** What a stream said before its first line. */
export interface StreamHeader {
  readonly contestId: string;
  readonly currency: string;
  readonly poolMinor: bigint;
  readonly platformShareMinor: bigint;
  readonly allowRemainder: boolean;
  readonly rail: Rail;
}

/** What the checks found in the lines of a stream, and the limit of that moment. */
export interface CheckedStream {
  readonly awardCount: number;
  readonly awardsMinor: bigint;
  readonly resultHash: string;
  readonly approvalAbove: bigint | null;
}

interface Origin extends Maker {
  readonly id: string;
  readonly at: Date;
}

/** Who won what in one contest, and how far the money has followed. */
export class Settlement {
  private constructor(private state: SettlementSnapshot) {}

  static rehydrate(snapshot: SettlementSnapshot): Settlement {
    return new Settlement(snapshot);
  }

  /** A plan small enough to be recorded with its ledger entry in one transaction. */
  static record(
    plan: SettlementPlan,
    terms: Pick<SettlementSnapshot, 'allowRemainder' | 'rail' | 'approvalAbove'>,
    origin: Origin,
  ): Settlement {
    const awardsMinor = plan.awards.reduce((sum, { amount }) => sum + amount, 0n);
    return new Settlement({
      ...newborn(origin),
      ...terms,
      contestId: plan.contestId,
      currency: plan.currency,
      poolMinor: plan.pool,
      platformShareMinor: plan.platformShare,
      remainderMinor: plan.remainder,
      state: recordedState({ ...terms, awardsMinor }),
      awardCount: plan.awards.length,
      awardsMinor,
      recordedThrough: plan.awards.length,
      resultHash: plan.hash,
      exclusions: plan.exclusions,
      recordedAt: origin.at,
    });
  }

  /** A stream that arrived whole: it waits for its checks, or is rejected at once for what its lines say. */
  static receive(header: StreamHeader, refused: Rejection | null, origin: Origin): Settlement {
    const settlement = new Settlement({
      ...newborn(origin),
      ...header,
      remainderMinor: 0n,
      state: 'checking',
    });
    if (refused) settlement.reject(refused);
    return settlement;
  }

  accept(checked: CheckedStream): void {
    const { poolMinor, platformShareMinor } = this.state;
    this.move('recording', {
      ...checked,
      remainderMinor: poolMinor - platformShareMinor - checked.awardsMinor,
    });
  }

  reject({ total, problems }: Rejection): void {
    this.move('rejected', { rejection: { total, problems: problems.slice(0, REFUSALS_SHOWN_MAX) } });
  }

  /**
   * A chunk of awards and its entry were written; the last one makes the settlement recorded, above the limit
   * not yet for payment.
   */
  advanceRecording(awards: number, at: Date): void {
    this.assertIn(['recording'], 'recorded');
    const recordedThrough = this.state.recordedThrough + awards;
    this.state = { ...this.state, recordedThrough };
    if (recordedThrough === this.state.awardCount) this.move(recordedState(this.state), { recordedAt: at });
  }

  /**
   * Somebody else agrees to this plan, and to no other. Throws ApproverIsMaker, ApproverTooNew, PlanChanged.
   */
  approve(agreement: Agreement): void {
    this.assertIn(['awaiting_approval'], 'recorded');
    this.move('recorded', approvalOf(this.state, agreement));
  }

  cancel(reason: string, actor: string, at: Date): void {
    this.assertIn(['awaiting_approval', 'recorded'], 'cancelled');
    this.move('cancelling', { cancelReason: reason, cancelledBy: actor, cancelledAt: at });
  }

  /** A chunk's entry was taken back; the last one makes the settlement cancelled. */
  advanceCancelling(awards: number): void {
    this.assertIn(['cancelling'], 'cancelled');
    const reversedThrough = this.state.reversedThrough + awards;
    this.state = { ...this.state, reversedThrough };
    if (reversedThrough === this.state.awardCount) this.move('cancelled', {});
  }

  /** Throws ApprovalMissing. */
  startExpanding(): void {
    this.move('expanding', {});
  }

  finishExpanding(): void {
    this.move('expanded', {});
  }

  snapshot(): SettlementSnapshot {
    return this.state;
  }

  private move(to: SettlementState, change: Partial<SettlementSnapshot>): void {
    if (!NEXT[this.state.state].includes(to)) throw new InvalidTransition('settlement', this.state.state, to);
    if (to === 'expanding' || to === 'expanded') assertApproved(this.state);
    this.state = { ...this.state, ...change, state: to };
  }

  private assertIn(states: readonly SettlementState[], wanted: SettlementState): void {
    if (!states.includes(this.state.state))
      throw new InvalidTransition('settlement', this.state.state, wanted);
  }
}

function recordedState(facts: Parameters<typeof needsApproval>[0]): SettlementState {
  return needsApproval(facts) ? 'awaiting_approval' : 'recorded';
}

function newborn({ id, actor, behind, at }: Origin) {
  return {
    id,
    createdBy: actor,
    madeBehind: behind,
    createdAt: at,
    awardCount: 0,
    awardsMinor: 0n,
    recordedThrough: 0,
    reversedThrough: 0,
    resultHash: null,
    exclusions: [],
    rejection: null,
    recordedAt: null,
    cancelledBy: null,
    cancelledAt: null,
    cancelReason: null,
    approvalAbove: null,
    approvedBy: null,
    approvedBehind: null,
    approvedAt: null,
    approvedHash: null,
  };
}
