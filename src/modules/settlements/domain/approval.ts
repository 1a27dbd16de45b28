import { ApprovalMissing, ApproverIsMaker, ApproverTooNew, PlanChanged } from './errors';

/** What decides whether a settlement may be paid, and who may agree to it. */
export interface ApprovalFacts {
  readonly createdAt: Date;
  /**
   * Σ of the awards: what the platform balance must hold, and all that can leave it. Share and remainder
   * stay.
   */
  readonly awardsMinor: bigint;
  /** Hash of the plan; null while a stream is checked. */
  readonly resultHash: string | null;
  /** The ids that count as whoever made the settlement. */
  readonly madeBehind: readonly string[];
  /**
   * The tenant's limit as it was when the settlement was recorded; null when there was none for its currency.
   */
  readonly approvalAbove: bigint | null;
  readonly approvedBy: string | null;
  readonly approvedBehind: readonly string[] | null;
  readonly approvedAt: Date | null;
  /** The plan that was agreed to. */
  readonly approvedHash: string | null;
}

/** Who made a settlement. */
export interface Maker {
  readonly actor: string;
  /** The ids that count as the actor: of the key and of its creator, or of the person. */
  readonly behind: readonly string[];
}

/** Who agrees, to what. */
export interface Agreement extends Maker {
  /** The plan the approver saw. */
  readonly planHash: string;
  /** When the approver was let in; null where nobody knows. */
  readonly since: Date | null;
  readonly at: Date;
}

export function needsApproval({
  awardsMinor,
  approvalAbove,
}: Pick<ApprovalFacts, 'awardsMinor' | 'approvalAbove'>): boolean {
  return approvalAbove !== null && awardsMinor > approvalAbove;
}

/** Throws ApproverIsMaker, ApproverTooNew, PlanChanged. */
export function approvalOf(
  { createdAt, madeBehind, resultHash }: ApprovalFacts,
  { planHash, actor, behind, since, at }: Agreement,
) {
  if (!fourEyes(madeBehind, behind)) throw new ApproverIsMaker();
  // Whoever may let people in could otherwise make the second person when one is needed.
  if (since === null || since >= createdAt) throw new ApproverTooNew();
  if (resultHash !== planHash) throw new PlanChanged(planHash, resultHash ?? '');
  return { approvedBy: actor, approvedBehind: behind, approvedAt: at, approvedHash: planHash };
}

/** Throws ApprovalMissing. An approval of another plan is none. */
export function assertApproved(facts: ApprovalFacts): void {
  if (needsApproval(facts) && (facts.approvedHash === null || facts.approvedHash !== facts.resultHash))
    throw new ApprovalMissing();
}

/** Nobody known on either side is no proof of two people. */
function fourEyes(made: readonly string[], approved: readonly string[]): boolean {
  return made.length > 0 && approved.length > 0 && !made.some((id) => approved.includes(id));
}
