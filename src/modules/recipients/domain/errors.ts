import { domainError } from '../../../kernel/errors';
import type { PaymentMethodType } from './payment-method';

export class RecipientUnknown extends domainError(
  'recipient_not_found',
  'not_found',
  'There is no such recipient.',
) {}

/** No new payment and no new payment method; payments that were requested continue. */
export class RecipientInactive extends domainError(
  'recipient_inactive',
  'conflict',
  'This recipient is not active.',
) {}

const HOW_TO_GET_IT: Record<PaymentMethodType, string> = {
  manual_bank_transfer: 'Add account_number and bank_code first.',
  stripe_connected_account: 'Connect a Stripe account or start the onboarding first.',
};

export class PaymentMethodMissing extends domainError(
  'payment_method_missing',
  'conflict',
  (type: PaymentMethodType) => [
    `This recipient has no ${type}. ${HOW_TO_GET_IT[type]}`,
    { payment_method: type },
  ],
) {}

export class ExternalIdTaken extends domainError(
  'external_id_taken',
  'conflict',
  'Another recipient has this external_id.',
) {}

/** The account does not exist, or this tenant's key has no access to it. */
export class AccountNotFound extends domainError(
  'account_not_found',
  'invalid',
  'Stripe has no such account connected to yours.',
) {}

/** Two recipients must not be paid into one account by mistake. */
export class ConnectedAccountTaken extends domainError(
  'connected_account_taken',
  'conflict',
  'This Stripe account belongs to another recipient.',
) {}

/** A call to open the account runs, or may still take effect, so no second one is made yet. */
export class AccountOpeningInProgress extends domainError(
  'account_opening_in_progress',
  'conflict',
  (from: Date) => [
    `The Stripe account of this recipient is being opened. Try again, at the latest at ${from.toISOString()}.`,
    { ask_again_at: from.toISOString() },
  ],
) {}

export class AccountOpeningRefused extends domainError(
  'account_opening_refused',
  'invalid',
  (providerCode: string | null) => [
    'Stripe refuses to open an account for this recipient. ' +
      'Correct its country or type, or your Connect settings at Stripe, and try again.',
    { provider_code: providerCode },
  ],
) {}

/** Stripe makes no link for this account, or not to these addresses. */
export class OnboardingRefused extends domainError(
  'onboarding_refused',
  'invalid',
  (providerCode: string | null) => [
    'Stripe makes no onboarding link for this account and these addresses.',
    {
      provider_code: providerCode,
    },
  ],
) {}

export class InvalidOnboardingAddress extends domainError(
  'invalid_onboarding_address',
  'invalid',
  (field: string) => [`${field} must be an https address of at most 2,000 characters.`, { field }],
) {}

/** A value of a recipient that cannot be stored; `field` names it. */
export class InvalidRecipient extends domainError(
  'invalid_recipient',
  'invalid',
  (field: string, message: string) => [message, { field }],
) {}
