import type { RecipientRef } from '../../recipients';
import type { Rail } from '../../transfers/contract';

interface ContestFacts {
  readonly contestId: string;
  readonly currency: string;
  /** Decimal text, like every amount of the facts. */
  readonly pool: string;
  readonly rail: Rail;
}

/** The client decided who gets how much. */
export interface GivenSettlement extends ContestFacts {
  readonly kind: 'given';
  readonly platformShare: string;
  readonly allowRemainder: boolean;
  readonly awards: readonly {
    readonly payee: RecipientRef;
    readonly amount: string;
    readonly rank?: number;
  }[];
}

/** The awards are computed from the standings. */
export interface ComputedSettlement extends ContestFacts {
  readonly kind: 'computed';
  /** Hundredths of a percent of the pool. */
  readonly platformShareBps?: number;
  readonly structure: readonly number[];
  readonly standings: readonly {
    readonly payee: RecipientRef;
    readonly rank?: number;
    readonly score?: string;
  }[];
}

export type SettlementFacts = GivenSettlement | ComputedSettlement;
