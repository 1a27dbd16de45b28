/** Something that should hold and does not. */
export interface Difference {
  /** Which check: 'stored_balance', 'reserved_against_transfers'. */
  readonly check: string;
  /** What differs, by name: an account, an entry, a currency. */
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
}

export interface CheckOutcome {
  readonly check: string;
  /** How many things were compared: a check that compared nothing proves nothing. */
  readonly compared: number;
  /** At most the first hundred; `differing` counts all. */
  readonly differences: readonly Difference[];
  readonly differing: number;
}

export interface LedgerVerification {
  readonly balanced: boolean;
  readonly checks: readonly CheckOutcome[];
}
