import { DomainError, domainError } from '../../../kernel/errors';
import type { SettlementProblem, SettlementProblemCode } from './plan';

export type InputErrorCode =
  | SettlementProblemCode
  | 'recipient_inactive'
  | 'currency_not_allowed'
  | 'invalid_line'
  | 'settlement_exists'
  | 'plan_changed';

/** An error in the input. `index` counts awards or standings from 0, `line` counts lines of a stream from 1. */
export interface InputError {
  readonly code: InputErrorCode;
  readonly message: string;
  readonly index?: number | null;
  readonly line?: number | null;
}

/** A response and a stored rejection have the first errors and the total. */
export const ERRORS_SHOWN_MAX = 100;

/** The settlement has errors. If it has one only, the code of this error is that of the input error. */
export class SettlementNotRecordable extends DomainError {
  readonly code: InputErrorCode | 'settlement_invalid';
  readonly kind = 'invalid';

  constructor(readonly problems: readonly (InputError | SettlementProblem)[]) {
    const [first] = problems;
    const message = first?.message ?? 'The settlement is invalid.';
    super(problems.length > 1 ? `${problems.length} problems, the first: ${message}` : message, {
      problems: problems.slice(0, ERRORS_SHOWN_MAX),
      total: problems.length,
    });
    this.code = first && problems.length === 1 ? first.code : 'settlement_invalid';
  }
}

/** The contest is already recorded with other content. */
export class SettlementExists extends domainError(
  'settlement_exists',
  'conflict',
  (contestId: string, settlementId: string) => [
    `Contest ${contestId} is already recorded with other content.`,
    { settlement_id: settlementId },
  ],
) {}

/** The client agreed to another plan than the one that these facts result in. */
export class PlanChanged extends domainError('plan_changed', 'conflict', (agreed: string, actual: string) => [
  'The plan is not the one you agreed to. Read it again.',
  {
    agreed_plan_hash: agreed,
    plan_hash: actual,
  },
]) {}

/** Maker and approver share a user or a key, or one of them is unknown. */
export class ApproverIsMaker extends domainError(
  'approver_is_maker',
  'forbidden',
  'You made this settlement, or the key that made it derives from you. Another user or key must approve it.',
) {}

export class ApproverTooNew extends domainError(
  'approver_too_new',
  'forbidden',

  'You or your key got access after this settlement was recorded. An older user or key must ' +
    'approve it, or cancel it and record it again.',
) {}

/** A safeguard: the states and a constraint of the database prevent that an unapproved plan gets here. */
export class ApprovalMissing extends domainError(
  'approval_missing',
  'conflict',
  'The settlement is above the limit and its plan is not approved.',
) {}

export class SettlementNotFound extends domainError(
  'settlement_not_found',
  'not_found',
  'No settlement has this id.',
) {}

export class PayoutJobNotFound extends domainError(
  'payout_job_not_found',
  'not_found',
  'No payout job has this id.',
) {}

/** The upload was discarded because it had received nothing for too long. */
export class UploadAbandoned extends domainError(
  'stream_abandoned',
  'conflict',
  'The stream paused for too long and was discarded. Send it again.',
) {}

/** More lines than a settlement may have. */
export class StreamTooLong extends domainError('too_many_awards', 'invalid', (linesMax: number) => [
  `The stream has more than ${linesMax} lines.`,
  { lines_max: linesMax },
]) {}
