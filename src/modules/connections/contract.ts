/** Pure door: what a neighbour's domain may know of outside services. */
export type Rail = 'stripe' | 'manual';
export type RailMode = 'test' | 'live';
export type RailAccountStatus = 'active' | 'paused';

/**
 * Where a tenant's money lies and leaves from. One provider account belongs to one tenant, and a tenant has
 * one per rail.
 */
export interface RailAccount {
  readonly id: string;
  readonly rail: Rail;
  /** The account's id at the provider; null on the manual rail, which has no provider. */
  readonly providerAccountId: string | null;
  readonly mode: RailMode;
  readonly status: RailAccountStatus;
  readonly pausedReason: string | null;
}

export interface AvailableBalance {
  readonly currency: string;
  readonly availableMinor: bigint;
  readonly asOf: Date;
  /** `cached`: the provider could not be asked, this is the last answer we kept. */
  readonly source: 'provider' | 'cached';
}

export interface RailAccountFunding {
  readonly account: RailAccount;
  readonly available: readonly AvailableBalance[];
}

export const PROVIDER_EVENT_TRANSFER = 'provider_event.transfer';
export const PROVIDER_EVENT_ACCOUNT = 'provider_event.account';
export const PROVIDER_EVENT_FUNDS = 'provider_event.funds';
export const FUNDS_ARRIVED = 'funds.arrived';

/** Payload of `provider_event.*`. A hint: whoever reacts reads the object again at the provider. */
export interface ProviderEventReceived {
  readonly endpoint_id: string;
  readonly rail_account_id: string;
  readonly provider_event_id: string;
  readonly object_id: string;
  readonly type: string;
}

/** Payload of `funds.arrived`: money may be available that was not there before. */
export interface FundsArrived {
  readonly rail_account_id: string;
  readonly currency: string;
}

export * from './domain/errors';
