import type { Currency } from '../../../../kernel/money';

/** The client must compute the awards of a larger contest, and send them as a stream. */
export const STANDINGS_MAX = 100_000;
/** Limit of awards, in memory and in a stream. */
export const AWARDS_MAX = 1_000_000;
export const STRUCTURE_PLACES_MAX = 10_000;
export const WEIGHT_MAX = 1_000_000;
export const BPS_MAX = 10_000;
export const PLATFORM_SHARE_BPS_DEFAULT = 1_000;
/** The largest value of the integer column. */
export const RANK_MAX = 2_147_483_647;
/** Digits of a score before and after its dot. */
export const SCORE_DIGITS_MAX = 18;

/** Awards that the client decided. */
export interface GivenAwards {
  readonly contestId: string;
  readonly currency: Currency;
  readonly pool: bigint;
  readonly platformShare: bigint;
  readonly allowRemainder: boolean;
  readonly awards: readonly GivenAward[];
  /** Payees without a recipient. They are reported together with all other problems. */
  readonly unknownPayees?: ReadonlySet<string>;
}

export interface GivenAward {
  readonly payee: string;
  readonly amount: bigint;
  readonly rank?: number;
}

/** Standings and the structure from which the awards are computed. */
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
 * Everything that a settlement will pay, in minor units: Σ awards + platformShare + remainder = pool, exactly.
 * Every award is above zero and a multiple of the currency's quantum. The same facts result in the same plan,
 * whatever their order.
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
  /** 0-based, in canonical order: by rank (awards without one last), then by payee (code units). */
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
  /** The shared places (1-based, inclusive) and the number of participants that share them. */
  readonly tie: { readonly places: readonly [first: number, last: number]; readonly sharedBy: number } | null;
  /** Added by the largest-remainder method: 0 or one quantum. */
  readonly rounding: bigint;
}

/**
 * A participant without an award:
 * - `outside_structure`: all places of this participant are below the last place of the structure
 * - `zero_award`: the place is in the structure, but its weight is 0 or its share is below one quantum
 */
export interface Exclusion {
  readonly payee: string;
  readonly reason: 'zero_award' | 'outside_structure';
}
