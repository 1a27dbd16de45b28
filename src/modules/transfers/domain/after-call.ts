import {
  emptyLookUpCountsFrom,
  endGeneration as endCallGeneration,
  recordEmptyLookUp,
  recordOutcome,
  recordSuccess,
  requireProof,
} from '../../../kernel/provider-calls';
import type { CallOutcome, ProviderTransfer } from './call-outcome';
import { backoffMs, soonMs, type TransferPolicy } from './policy';
import type { TransferSnapshot } from './transfer-snapshot';

export interface Moment {
  /** The database's clock; the clock of a process decides nothing. */
  readonly now: Date;
  /** 0 ≤ jitter < 1. */
  readonly jitter: number;
  readonly actor: string;
}

export interface Claim extends Moment {
  readonly leaseToken: string;
  /** Where the money is to go now; read only when a generation begins. */
  readonly destination: string | null;
  readonly apiVersion: string;
}

export type UnprovedOutcome = Exclude<CallOutcome, { kind: 'succeeded' }>;
type EmptyLookUp = Extract<CallOutcome, { kind: 'found' }>;

/** What the outcome of a call makes of a transfer. A success goes to `completed`. */
export function afterCall(
  before: TransferSnapshot,
  outcome: UnprovedOutcome,
  moment: Moment,
  policy: TransferPolicy,
): TransferSnapshot {
  const recorded = recordOutcome(before, outcome, moment.now);
  const s = { ...recorded, callKind: null, dueAt: null, providerCode: outcome.providerCode };
  switch (outcome.kind) {
    case 'mismatched':
      return underReview(s, outcome.reason);
    case 'refused':
      return afterRefusal(s, outcome);
    case 'rejected':
      return s.ambiguous ? again(backOff(s, moment), outcome.reason) : failed(s, outcome.reason);
    case 'key_conflict':
      return again(backOff(s, moment), outcome.reason);
    case 'no_effect':
    case 'look_up_failed':
      return retried(s, outcome.reason, moment, policy);
    case 'misconfigured':
      return again({ ...s, dueAt: moment.now }, outcome.reason);
    case 'unknown':
      return again(
        outcome.soon ? dueIn(s, soonMs(moment.jitter), moment) : backOff(s, moment),
        outcome.reason,
      );
    case 'found':
      return afterLookUp(s, outcome, moment, policy);
  }
}

/** The provider holds the transfer. */
export function completed(s: TransferSnapshot, at: ProviderTransfer, now: Date): TransferSnapshot {
  return {
    ...recordSuccess(s),
    state: 'completed',
    reason: null,
    callKind: null,
    dueAt: null,
    providerCode: null,
    providerTransferId: at.id,
    balanceTransactionId: at.balanceTransactionId,
    destinationPaymentId: at.destinationPaymentId,
    completedAt: now,
  };
}

export function failed(s: TransferSnapshot, reason: string): TransferSnapshot {
  return { ...s, state: 'failed_terminal', reason, dueAt: null };
}

/** An operator must look; the money stays reserved. */
export function underReview(s: TransferSnapshot, reason: string): TransferSnapshot {
  return { ...requireProof(s), state: 'needs_review', reason, callKind: null, dueAt: null };
}

export function endGeneration(s: TransferSnapshot): TransferSnapshot {
  return { ...endCallGeneration(s), frozen: null, backoffStep: 0, retrySince: null };
}

function afterRefusal(
  s: TransferSnapshot,
  { fix, reason }: Extract<CallOutcome, { kind: 'refused' }>,
): TransferSnapshot {
  const ended = endGeneration(s);
  if (fix === 'data') return failed(ended, reason);
  if (fix === 'funds') return { ...ended, state: 'waiting_for_funds', reason };
  return countGeneration(ended, (counted) => ({ ...counted, state: 'blocked_recipient', reason }));
}

function afterLookUp(
  s: TransferSnapshot,
  { found: [only, second], reason }: EmptyLookUp,
  moment: Moment,
  policy: TransferPolicy,
): TransferSnapshot {
  if (second) return underReview(s, 'several_transfers_at_provider');
  if (only) return completed(s, only, moment.now);
  if (!s.ambiguous) return renewKey(s, reason, moment, policy);
  const looked = recordEmptyLookUp(s, moment.now, policy);
  if (looked.ambiguous) return again({ ...looked, dueAt: emptyLookUpCountsFrom(looked, policy) }, reason);
  return countGeneration(endGeneration(looked), (counted) =>
    again({ ...counted, dueAt: moment.now }, reason),
  );
}

/**
 * The key became too old without reaching the provider's idempotency layer: this is not one of max_attempts,
 * and the retry window continues.
 */
function renewKey(
  s: TransferSnapshot,
  reason: string,
  moment: Moment,
  policy: TransferPolicy,
): TransferSnapshot {
  return retried({ ...endGeneration(s), retrySince: s.retrySince }, reason, moment, policy);
}

/** A generation ended without effect: one of max_attempts. */
function countGeneration(
  s: TransferSnapshot,
  next: (counted: TransferSnapshot) => TransferSnapshot,
): TransferSnapshot {
  const counted = { ...s, generationsEnded: s.generationsEnded + 1 };
  return counted.generationsEnded >= s.maxAttempts ? failed(counted, 'attempts_exhausted') : next(counted);
}

function retried(
  s: TransferSnapshot,
  reason: string,
  moment: Moment,
  policy: TransferPolicy,
): TransferSnapshot {
  const retrySince = s.retrySince ?? moment.now;
  if (moment.now.getTime() - retrySince.getTime() < policy.retryForMs)
    return again(backOff({ ...s, retrySince }, moment), reason);
  return s.ambiguous ? underReview(s, 'retry_window_exhausted') : failed(s, 'retry_window_exhausted');
}

/**
 * Due again. A response from before the idempotency layer does not explain an earlier call, so an ambiguous
 * transfer stays `unknown`.
 */
function again(s: TransferSnapshot, reason: string): TransferSnapshot {
  return { ...s, state: s.ambiguous ? 'unknown' : 'retryable', reason };
}

function backOff(s: TransferSnapshot, moment: Moment): TransferSnapshot {
  return { ...dueIn(s, backoffMs(s.backoffStep, moment.jitter), moment), backoffStep: s.backoffStep + 1 };
}

function dueIn(s: TransferSnapshot, ms: number, { now }: Moment): TransferSnapshot {
  return { ...s, dueAt: new Date(now.getTime() + ms) };
}
