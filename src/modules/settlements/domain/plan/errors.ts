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
  /**
   * Index into the awards or standings (for `invalid_structure`: into the structure), null when it concerns
   * the whole.
   */
  readonly index: number | null;
  readonly code: SettlementProblemCode;
  readonly message: string;
}

/** All problems stay on the error; an answer carries the first of them and the total. */
const PROBLEMS_SHOWN_MAX = 100;

/** A settlement that cannot be planned, with every reason. One reason alone lends the error its code. */
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
