import type { Metadata } from '../wire/metadata';
import type { Stored } from './collection';

export const CAPABILITY_STATES = ['active', 'pending', 'inactive'] as const;
export type CapabilityState = (typeof CAPABILITY_STATES)[number];

/** The errors that an account can be set to refuse a transfer with, besides a missing capability. */
export const REFUSALS = ['account_closed', 'account_invalid', 'no_account', 'transfers_not_allowed'] as const;
export type Refusal = (typeof REFUSALS)[number];

export interface Account extends Stored {
  readonly type: 'express' | 'custom' | 'standard' | 'none';
  readonly country: string;
  readonly defaultCurrency: string;
  readonly email: string | null;
  readonly metadata: Metadata;
  /** Absent: the capability was never requested. */
  readonly transfers?: CapabilityState;
  readonly chargesEnabled: boolean;
  readonly payoutsEnabled: boolean;
  readonly detailsSubmitted: boolean;
  readonly refuseWith?: Refusal;
}

export interface Reversal {
  readonly id: string;
  readonly amount: number;
  readonly createdMs: number;
  readonly metadata: Metadata;
}

export interface Transfer extends Stored {
  readonly amount: number;
  readonly currency: string;
  readonly destination: string;
  readonly description: string | null;
  readonly transferGroup: string | null;
  readonly sourceTransaction: string | null;
  readonly idempotencyKey: string | null;
  metadata: Metadata;
  amountReversed: number;
  reversals: readonly Reversal[];
}

/** Top-ups, payouts, customers, payment intents: stored as the JSON object that is returned. */
export interface PlainObject extends Stored {
  readonly wire: Readonly<Record<string, unknown>>;
}

export interface Balance {
  available: number;
  pending: number;
}

export interface EventObject extends Stored {
  readonly type: string;
  readonly objectId: string;
  /** The object as it was when the event happened, already as JSON. */
  readonly objectJson: string;
  /** The connected account the event is about; absent for the platform's own events. */
  readonly account?: string;
  readonly requestId: string | null;
  readonly idempotencyKey: string | null;
}

export interface WebhookEndpoint extends Stored {
  readonly url: string;
  readonly secret: string;
  readonly events: readonly string[];
  /** Own events, events of connected accounts, or both (which Stripe needs two endpoints for). */
  readonly connect: boolean | 'both';
  readonly metadata: Metadata;
}
