/** A value that is not as expected. */
export interface Difference {
  /** The name of the check, for example 'stored_balance' or 'reserved_against_transfers'. */
  readonly check: string;
  /** The account, entry or currency that differs. */
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
}

export interface CheckOutcome {
  readonly check: string;
  /** The number of compared items. A check with 0 proves nothing. */
  readonly compared: number;
  /** The first hundred at most; `differing` counts all. */
  readonly differences: readonly Difference[];
  readonly differing: number;
}

export interface LedgerVerification {
  readonly balanced: boolean;
  readonly checks: readonly CheckOutcome[];
}
