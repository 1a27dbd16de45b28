import type { FaultDirective, FaultMix } from '../faults/kinds';
import type { CallRecord, Stats } from '../log';
import type { CapabilityState, Refusal } from '../state/objects';
import type { RateLimits } from '../state/platform';
import type { KeyState } from '../state/simulation';
import type { DeliveryRecord } from '../webhooks/types';

export type {
  CallRecord,
  CapabilityState,
  DeliveryRecord,
  FaultDirective,
  FaultMix,
  KeyState,
  RateLimits,
  Refusal,
  Stats,
};
export type { FaultKind, FaultMatch, FaultOptions } from '../faults/kinds';
export type { DeliveryFault, DeliveryFaultMix } from '../webhooks/types';

export interface Health {
  readonly simulator: true;
  readonly seed: string;
  readonly now_ms: number;
  readonly clock_moved_by_ms: number;
  readonly platforms: number;
  readonly deliveries_waiting: number;
}

/** What is spendable, or both parts. Minor units. */
export type BalanceGiven = number | { readonly available?: number; readonly pending?: number };

/** An endpoint that exists with this address (and secret, if given) is returned unchanged. */
export interface EndpointGiven {
  readonly url: string;
  /** Default: one is made. */
  readonly secret?: string;
  /** Default `*`. */
  readonly events?: readonly string[];
  /**
   * false: own events; true: events of connected accounts; default "both" (Stripe needs two endpoints for
   * that).
   */
  readonly connect?: boolean | 'both';
}

export interface EndpointMade {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
}

export interface PlatformGiven {
  readonly secret_key: string;
  /** Default: made from the key, the same in every run. Another key of an existing account is added to it. */
  readonly account_id?: string;
  readonly name?: string;
  /**
   * For a new platform. An existing platform keeps its balances, so that a program may register at each start.
   */
  readonly balances?: Readonly<Record<string, BalanceGiven>>;
  readonly webhooks?: readonly EndpointGiven[];
  readonly limits?: RateLimits;
}

export interface PlatformMade {
  readonly account_id: string;
  readonly secret_key: string;
  readonly webhook_endpoints: readonly EndpointMade[];
}

export interface PlatformShown {
  readonly account_id: string;
  readonly name: string;
  readonly balances: Readonly<Record<string, { readonly available: number; readonly pending: number }>>;
  readonly accounts: number;
  readonly transfers: number;
}

/** `platform` is everywhere an account id (`acct_sim_…`) or one of its secret keys. */
export interface AccountsGiven {
  readonly platform: string;
  /** How many to make (default 1), or their ids. An account with a given id that exists is changed. */
  readonly count?: number;
  readonly ids?: readonly string[];
  /** Default active: ready to be paid. */
  readonly capability?: CapabilityState | null;
  readonly country?: string;
  readonly email?: string;
}

export interface AccountChange {
  /** null takes the capability away altogether. */
  readonly capability?: CapabilityState | null;
  /** null ends the refusal. */
  readonly refuse_with?: Refusal | null;
  readonly charges_enabled?: boolean;
  readonly payouts_enabled?: boolean;
}

export interface EventGiven {
  readonly platform: string;
  readonly type: string;
  readonly object: Readonly<Record<string, unknown>>;
  /** The connected account the event is about. */
  readonly account?: string;
}

export interface PageRequest {
  /** Rows after this seq; default 0. */
  readonly since?: number;
  /** Default 1000, at most 10,000. */
  readonly limit?: number;
}

export interface RecordPage<T> {
  readonly rows: readonly T[];
  /** The `since` of the next page; null when the page is empty. */
  readonly next: number | null;
}

/** One transfer that really happened here, once. */
export interface EffectiveTransfer {
  readonly seq: number;
  readonly id: string;
  readonly platform: string;
  readonly amount: number;
  readonly amount_reversed: number;
  readonly currency: string;
  readonly destination: string;
  readonly transfer_group: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly idempotency_key: string | null;
  readonly created_ms: number;
  readonly reversed: boolean;
  readonly reversals: readonly { readonly id: string; readonly amount: number }[];
}

export interface FaultsShown {
  readonly mix: FaultMix | null;
  readonly script: readonly (FaultDirective & { readonly left: number })[];
}

export type FlushOrder = 'created' | 'reversed' | 'shuffled';
