import { DomainError, domainError } from '../../../kernel/errors';
import type { SettlementProblem, SettlementProblemCode } from './plan';

export type RefusalCode =
  | SettlementProblemCode
  | 'recipient_inactive'
  | 'currency_not_allowed'
  | 'invalid_line'
  | 'settlement_exists'
  | 'plan_changed';

/**
 * What is wrong with a settlement. `index` counts awards or standings from 0, `line` counts lines of a stream
 * from 1.
 */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly index?: number | null;
  readonly line?: number | null;
}

/** An answer and a stored rejection carry the first of them and the total. */
export const REFUSALS_SHOWN_MAX = 100;

/** The settlement cannot be recorded, with every reason. One reason alone lends the error its code. */
export class SettlementRefused extends DomainError {
  readonly code: RefusalCode | 'settlement_invalid';
  readonly kind = 'invalid';

  constructor(readonly problems: readonly (Refusal | SettlementProblem)[]) {
    const [first] = problems;
    const message = first?.message ?? 'The settlement is invalid.';
    super(problems.length > 1 ? `${problems.length} problems, the first: ${message}` : message, {
      problems: problems.slice(0, REFUSALS_SHOWN_MAX),
      total: problems.length,
    });
    this.code = first && problems.length === 1 ? first.code : 'settlement_invalid';
  }
}

/** The contest is recorded already, with other content. */
export class SettlementExists extends domainError(
  'settlement_exists',
  'conflict',
  (contestId: string, settlementId: string) => [
    `Contest ${contestId} is already recorded with other content.`,
    { settlement_id: settlementId },
  ],
) {}

/** The caller agreed to another plan than the one these facts lead to. */
export class PlanChanged extends domainError('plan_changed', 'conflict', (agreed: string, actual: string) => [
  'The plan differs from the one that was agreed to: look at it again.',
  {
    agreed_plan_hash: agreed,
    plan_hash: actual,
  },
]) {}

/** Four eyes: the maker and the approver share a key or a person, or it is not known who they are. */
export class ApproverIsMaker extends domainError(
  'approver_is_maker',
  'forbidden',
  'Who made a settlement, or stands behind the key that made it, cannot approve it. Somebody else must.',
) {}

export class ApproverTooNew extends domainError(
  'approver_too_new',
  'forbidden',
  'You, or your key, were let in after this settlement was recorded. Somebody who was there before approves it, or it is cancelled and recorded again.',
) {}

/**
 * Above the limit, and nobody agreed to this plan. Nothing leads here: the state and the database stand
 * before it.
 */
export class ApprovalMissing extends domainError(
  'approval_missing',
  'conflict',
  'The settlement is above the limit and its plan is not approved.',
) {}

export class SettlementNotFound extends domainError(
  'settlement_not_found',
  'not_found',
  'There is no such settlement.',
) {}

export class PayoutJobNotFound extends domainError(
  'payout_job_not_found',
  'not_found',
  'There is no such payout job.',
) {}

/** The stream was taken for abandoned while it was still arriving; nothing of it was kept. */
export class IntakeGone extends domainError(
  'stream_abandoned',
  'conflict',
  'The stream stood still for too long and was given up. Send it again.',
) {}

/** More lines than a settlement may have. */
export class StreamTooLong extends domainError('too_many_awards', 'invalid', (linesMax: number) => [
  `The stream has more than ${linesMax} lines.`,
  { lines_max: linesMax },
]) {}
