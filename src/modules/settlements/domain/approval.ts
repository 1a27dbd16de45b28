import { ApprovalMissing, ApproverIsMaker, ApproverTooNew, PlanChanged } from './errors';

/** The facts that decide whether a settlement may be paid and who may approve it. */
export interface ApprovalFacts {
  readonly createdAt: Date;
  /** The sum of the awards: all that leaves the platform balance. Platform share and remainder stay in it. */
  readonly awardsMinor: bigint;
  /** The hash of the plan; null while a stream is checked. */
  readonly resultHash: string | null;
  /** The ids of all users and keys that count as the maker. */
  readonly makerActorChain: readonly string[];
  /** The tenant's limit when the settlement was recorded, in minor units; null if the currency had none. */
  readonly approvalAbove: bigint | null;
  readonly approvedBy: string | null;
  readonly approvedActorChain: readonly string[] | null;
  readonly approvedAt: Date | null;
  /** The hash of the approved plan. */
  readonly approvedHash: string | null;
}

/** The maker of a settlement. */
export interface Maker {
  readonly actor: string;
  /** The ids that count as this actor: of the user, or of the key and all its creators. */
  readonly actorChain: readonly string[];
}

/** Who approves which plan. */
export interface Approval extends Maker {
  /** The hash of the plan that the approver saw. */
  readonly planHash: string;
  /** When the approver got access; null if unknown. */
  readonly since: Date | null;
  readonly at: Date;
}

export function needsApproval({
  awardsMinor,
  approvalAbove,
}: Pick<ApprovalFacts, 'awardsMinor' | 'approvalAbove'>): boolean {
  return approvalAbove !== null && awardsMinor > approvalAbove;
}

/** @throws ApproverIsMaker, ApproverTooNew, PlanChanged */
export function approvalOf(
  { createdAt, makerActorChain, resultHash }: ApprovalFacts,
  { planHash, actor, actorChain, since, at }: Approval,
) {
  if (!areIndependent(makerActorChain, actorChain)) throw new ApproverIsMaker();
  // Without this rule, a maker who may create users or keys could create the approver afterwards.
  if (since === null || since >= createdAt) throw new ApproverTooNew();
  if (resultHash !== planHash) throw new PlanChanged(planHash, resultHash ?? '');
  return { approvedBy: actor, approvedActorChain: actorChain, approvedAt: at, approvedHash: planHash };
}

/** @throws ApprovalMissing, also if another plan was approved */
export function assertApproved(facts: ApprovalFacts): void {
  if (needsApproval(facts) && (facts.approvedHash === null || facts.approvedHash !== facts.resultHash))
    throw new ApprovalMissing();
}

/** Returns false if either side has no id: then two different actors are not proved. */
function areIndependent(maker: readonly string[], approver: readonly string[]): boolean {
  return maker.length > 0 && approver.length > 0 && !maker.some((id) => approver.includes(id));
}
