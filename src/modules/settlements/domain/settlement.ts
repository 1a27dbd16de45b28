import { InvalidTransition } from '../../../kernel/errors';
import { type Approval, approvalOf, assertApproved, type Maker, needsApproval } from './approval';
import { ERRORS_SHOWN_MAX } from './errors';
import type { SettlementPlan } from './plan';
import type {
  CheckedStream,
  Rejection,
  SettlementSnapshot,
  SettlementState,
  StreamHeader,
} from './settlement-snapshot';

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

interface Origin extends Maker {
  readonly id: string;
  readonly at: Date;
}

/** The result of one contest, and how far it is recorded, cancelled or expanded. */
export class Settlement {
  private constructor(private state: SettlementSnapshot) {}

  static rehydrate(snapshot: SettlementSnapshot): Settlement {
    return new Settlement(snapshot);
  }

  /** For a plan that is recorded with its ledger entry in one transaction. */
  static record(
    plan: SettlementPlan,
    terms: Pick<SettlementSnapshot, 'allowRemainder' | 'rail' | 'approvalAbove'>,
    origin: Origin,
  ): Settlement {
    const awardsMinor = plan.awards.reduce((sum, { amount }) => sum + amount, 0n);
    return new Settlement({
      ...initialState(origin),
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

  /** For a stream that has arrived: waits for its checks, or is rejected for the errors of its lines. */
  static receive(header: StreamHeader, rejection: Rejection | null, origin: Origin): Settlement {
    const settlement = new Settlement({
      ...initialState(origin),
      ...header,
      remainderMinor: 0n,
      state: 'checking',
    });
    if (rejection) settlement.reject(rejection);
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
    this.move('rejected', { rejection: { total, problems: problems.slice(0, ERRORS_SHOWN_MAX) } });
  }

  /**
   * Call after each chunk of awards whose entry is posted. The last chunk makes the settlement recorded, or
   * awaiting approval above the limit.
   */
  advanceRecording(awards: number, at: Date): void {
    this.assertIn(['recording'], 'recorded');
    const recordedThrough = this.state.recordedThrough + awards;
    this.state = { ...this.state, recordedThrough };
    if (recordedThrough === this.state.awardCount) this.move(recordedState(this.state), { recordedAt: at });
  }

  /** @throws InvalidTransition, ApproverIsMaker, ApproverTooNew, PlanChanged */
  approve(approval: Approval): void {
    this.assertIn(['awaiting_approval'], 'recorded');
    this.move('recorded', approvalOf(this.state, approval));
  }

  /** @throws InvalidTransition from the first expansion on */
  cancel(reason: string, actor: string, at: Date): void {
    this.assertIn(['awaiting_approval', 'recorded'], 'cancelled');
    this.move('cancelling', { cancelReason: reason, cancelledBy: actor, cancelledAt: at });
  }

  /** Call after each chunk whose entry is reversed. The last chunk makes the settlement cancelled. */
  advanceCancelling(awards: number): void {
    this.assertIn(['cancelling'], 'cancelled');
    const reversedThrough = this.state.reversedThrough + awards;
    this.state = { ...this.state, reversedThrough };
    if (reversedThrough === this.state.awardCount) this.move('cancelled', {});
  }

  /** @throws InvalidTransition, ApprovalMissing */
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

function initialState({ id, actor, actorChain, at }: Origin) {
  return {
    id,
    createdBy: actor,
    makerActorChain: actorChain,
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
    approvedActorChain: null,
    approvedAt: null,
    approvedHash: null,
  };
}
