import type { Currency } from '../../../../kernel/money';

/** A larger contest is computed by its organiser and arrives as a stream of given awards. */
export const STANDINGS_MAX = 100_000;
/** Given awards that are planned in memory; the stream is checked by the database instead. */
export const AWARDS_MAX = 1_000_000;
export const STRUCTURE_PLACES_MAX = 10_000;
export const WEIGHT_MAX = 1_000_000;
export const BPS_MAX = 10_000;
export const PLATFORM_SHARE_BPS_DEFAULT = 1_000;
/** Fits the integer column it is stored in. */
export const RANK_MAX = 2_147_483_647;
/** Digits of a score before and after its dot. */
export const SCORE_DIGITS_MAX = 18;

/** Who gets how much was decided elsewhere; we check it and put it in order. */
export interface GivenAwards {
  readonly contestId: string;
  readonly currency: Currency;
  readonly pool: bigint;
  readonly platformShare: bigint;
  readonly allowRemainder: boolean;
  readonly awards: readonly GivenAward[];
  /**
   * Payees of this input that the recipients module does not know: reported together with all other problems.
   */
  readonly unknownPayees?: ReadonlySet<string>;
}

export interface GivenAward {
  readonly payee: string;
  readonly amount: bigint;
  readonly rank?: number;
}

/** We decide who gets how much, from the standings and the payout structure. */
export interface ContestResult {
  readonly contestId: string;
  readonly currency: Currency;
  readonly pool: bigint;
  readonly platformShareBps?: number;
  /** Weight of the first place, the second, and so on: [50, 30, 20]. */
  readonly structure: readonly number[];
  /** All with a rank (1 is best), or all with a score (decimal text, higher is better). */
  readonly standings: readonly Standing[];
  readonly unknownPayees?: ReadonlySet<string>;
}

export interface Standing {
  readonly payee: string;
  readonly rank?: number;
  readonly score?: string;
}

/**
 * Everything a settlement will do, in minor units: Σ awards + platformShare + remainder = pool, exactly.
 * Every award is above zero and a multiple of the currency's quantum. The same facts give the same plan, in
 * whatever order they came.
 */
export interface SettlementPlan {
  readonly contestId: string;
  readonly currency: Currency;
  readonly pool: bigint;
  readonly platformShare: bigint;
  readonly remainder: bigint;
  readonly awards: readonly PlannedAward[];
  readonly exclusions: readonly Exclusion[];
  readonly hash: string;
}

export interface PlannedAward {
  /** 0-based place in the canonical order: rank (awards without one last), then payee by code units. */
  readonly position: number;
  readonly payee: string;
  readonly amount: bigint;
  readonly rank?: number;
  readonly explanation: Explanation;
}

/** gross + rounding = amount. */
export interface Explanation {
  /** The exact share rounded down to the quantum. */
  readonly gross: bigint;
  /** The places (1-based, both included) whose weights are shared, and by how many participants. */
  readonly tie: { readonly places: readonly [first: number, last: number]; readonly sharedBy: number } | null;
  /** What the largest-remainder step added: nothing or one quantum. */
  readonly rounding: bigint;
}

/**
 * A participant who gets nothing, and why:
 * `outside_structure` – every place this participant covers lies below the last place of the structure;
 * `zero_award` – the place is in the structure, but its weight is 0 or its share is less than one quantum.
 */
export interface Exclusion {
  readonly payee: string;
  readonly reason: 'zero_award' | 'outside_structure';
}
