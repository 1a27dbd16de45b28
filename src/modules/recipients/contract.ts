import { defineEvent, text } from '../../kernel/events';
import type { Rail } from '../connections/contract';
import type { TransfersCapability } from './domain/payment-method';

export const RECIPIENT_TYPES = ['INDIVIDUAL', 'BUSINESS'] as const;
export type RecipientType = (typeof RECIPIENT_TYPES)[number];

export type RecipientRef = { readonly recipientId: string } | { readonly externalId: string };

export interface ResolvedRecipient {
  readonly id: string;
  readonly externalId: string | null;
  readonly name: string;
  readonly isActive: boolean;
}

/** The recipient of a payout, with the part of the bank details that may be shown. */
export interface Payee {
  readonly id: string;
  readonly name: string;
  readonly isActive: boolean;
  readonly accountTail: string | null;
  readonly bankCode: string | null;
  /** Null when there is no way to pay them yet. */
  readonly defaultRail: Rail | null;
}

export interface Payable {
  readonly stripeAccountId: string | null;
  readonly transfersCapability: TransfersCapability | null;
  readonly isActive: boolean;
}

export interface RecipientPayableChanged {
  readonly recipient_id: string;
}

export const RecipientPayable = defineEvent<RecipientPayableChanged>('recipient.payable', {
  recipient_id: text,
});
export const RecipientBlocked = defineEvent<RecipientPayableChanged>('recipient.blocked', {
  recipient_id: text,
});

export {
  AccountNotFound,
  AccountOpeningInProgress,
  AccountOpeningRefused,
  ConnectedAccountTaken,
  ExternalIdTaken,
  PaymentMethodMissing,
  RecipientInactive,
  RecipientUnknown,
} from './domain/errors';
export {
  CAPABILITY_STATES,
  defaultRailOf,
  PAYMENT_METHOD_TYPES,
  type PaymentMeans,
  type PaymentMethodType,
  type TransfersCapability,
} from './domain/payment-method';
