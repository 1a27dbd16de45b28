import { DomainError } from '../../../kernel/errors';
import type { PaymentMethodType } from './payment-method';

export class RecipientUnknown extends DomainError {
  readonly code = 'recipient_not_found';
  readonly kind = 'not_found';
  constructor() {
    super('There is no such recipient.');
  }
}

/** No new payment and nothing new to be paid by; what is on its way goes on. */
export class RecipientInactive extends DomainError {
  readonly code = 'recipient_inactive';
  readonly kind = 'conflict';
  constructor() {
    super('This recipient is not active.');
  }
}

const HOW_TO_GET_IT: Record<PaymentMethodType, string> = {
  manual_bank_transfer: 'Give account_number and bank_code first.',
  stripe_connected_account: 'Name a Stripe account or start its onboarding first.',
};

export class PaymentMethodMissing extends DomainError {
  readonly code = 'payment_method_missing';
  readonly kind = 'conflict';
  constructor(type: PaymentMethodType) {
    super(`This recipient has no ${type}. ${HOW_TO_GET_IT[type]}`, { payment_method: type });
  }
}

export class ExternalIdTaken extends DomainError {
  readonly code = 'external_id_taken';
  readonly kind = 'conflict';
  constructor() {
    super('Another recipient has this external_id.');
  }
}

/**
 * The provider does not know the account, or this tenant's key has no access to it: to the tenant the two are
 * the same.
 */
export class AccountNotFound extends DomainError {
  readonly code = 'account_not_found';
  readonly kind = 'invalid';
  constructor() {
    super('Stripe knows no such connected account of yours.');
  }
}

/** Two recipients with one destination would be paid into one pocket without anybody saying so. */
export class ConnectedAccountTaken extends DomainError {
  readonly code = 'connected_account_taken';
  readonly kind = 'conflict';
  constructor() {
    super('This Stripe account belongs to another recipient.');
  }
}

/**
 * A call to open the account runs, or may still have an effect: a second one is not made before that is
 * known.
 */
export class AccountOpeningInProgress extends DomainError {
  readonly code = 'account_opening_in_progress';
  readonly kind = 'conflict';
  constructor(from: Date) {
    super(
      `The Stripe account of this recipient is being opened. Ask again, at the latest at ${from.toISOString()}.`,
      { ask_again_at: from.toISOString() },
    );
  }
}

export class AccountOpeningRefused extends DomainError {
  readonly code = 'account_opening_refused';
  readonly kind = 'invalid';
  constructor(providerCode: string | null) {
    super(
      'Stripe refuses to open an account for this recipient. Correct its country or type, or your Connect settings at Stripe, and ask again.',
      { provider_code: providerCode },
    );
  }
}

/** Stripe makes no link for this account, or not to these addresses. */
export class OnboardingRefused extends DomainError {
  readonly code = 'onboarding_refused';
  readonly kind = 'invalid';
  constructor(providerCode: string | null) {
    super('Stripe makes no onboarding link for this account and these addresses.', {
      provider_code: providerCode,
    });
  }
}

export class InvalidOnboardingAddress extends DomainError {
  readonly code = 'invalid_onboarding_address';
  readonly kind = 'invalid';
  constructor(field: string) {
    super(`${field} must be an https address of at most 2,000 characters.`, { field });
  }
}

/** A value of a recipient that cannot be kept; `field` names it. */
export class InvalidRecipient extends DomainError {
  readonly code = 'invalid_recipient';
  readonly kind = 'invalid';
  constructor(field: string, message: string) {
    super(message, { field });
  }
}
