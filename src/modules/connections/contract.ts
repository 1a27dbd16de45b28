import { defineEvent, type Shape, text } from '../../kernel/events';

/** What the domain code of other modules may import. */
export type Rail = 'stripe' | 'manual';
export type RailMode = 'test' | 'live';
export type RailAccountStatus = 'active' | 'paused';

/** An account from which the tenant pays. A provider account belongs to one tenant; a tenant has one per rail. */
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
  /** `cached`: the provider did not respond, and this is the last stored balance. */
  readonly source: 'provider' | 'cached';
}

export interface RailAccountFunding {
  readonly account: RailAccount;
  readonly available: readonly AvailableBalance[];
}

/** Only ids: event handlers read the object again at the provider. */
export interface ProviderEventReceived {
  readonly endpoint_id: string;
  readonly rail_account_id: string;
  readonly provider_event_id: string;
  readonly object_id: string;
  readonly type: string;
}

const RECEIVED: Shape<ProviderEventReceived> = {
  endpoint_id: text,
  rail_account_id: text,
  provider_event_id: text,
  object_id: text,
  type: text,
};

export const ProviderEventTransfer = defineEvent('provider_event.transfer', RECEIVED);
export const ProviderEventAccount = defineEvent('provider_event.account', RECEIVED);
export const ProviderEventFunds = defineEvent('provider_event.funds', RECEIVED);

/** More money may be available on a rail account. */
export interface FundsFact {
  readonly rail_account_id: string;
  readonly currency: string;
}

export const FundsArrived = defineEvent<FundsFact>('funds.arrived', {
  rail_account_id: text,
  currency: text,
});

export * from './domain/errors';
