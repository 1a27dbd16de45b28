import { DomainError } from '../../../../kernel/errors';

export type SettlementProblemCode =
  | 'conservation_mismatch'
  | 'payout_exceeds_pool'
  | 'zero_payouts'
  | 'duplicate_payee'
  | 'unknown_payee'
  | 'invalid_amount'
  | 'amount_not_payable'
  | 'invalid_standings'
  | 'invalid_structure'
  | 'invalid_platform_share'
  | 'too_many_awards';

export interface SettlementProblem {
  /** Index of the award or standing; for `invalid_structure` of the place; null for the settlement as a whole. */
  readonly index: number | null;
  readonly code: SettlementProblemCode;
  readonly message: string;
}

/** The error has all problems. A response has the first ones and the total. */
const PROBLEMS_SHOWN_MAX = 100;

/** No plan is possible. If there is one problem only, the code of this error is that of the problem. */
export class SettlementInvalid extends DomainError {
  readonly code: SettlementProblemCode | 'settlement_invalid';
  readonly kind = 'invalid';
  readonly problems: readonly SettlementProblem[];

  constructor(problems: readonly SettlementProblem[]) {
    const [first] = problems;
    const message = first ? first.message : 'the settlement is invalid';
    super(problems.length > 1 ? `${problems.length} problems, the first: ${message}` : message, {
      problems: problems.slice(0, PROBLEMS_SHOWN_MAX),
      total: problems.length,
    });
    this.code = first && problems.length === 1 ? first.code : 'settlement_invalid';
    this.problems = problems;
  }
}
