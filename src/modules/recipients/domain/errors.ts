import { DomainError } from '../../../kernel/errors';

export class RecipientUnknown extends DomainError {
  readonly code = 'recipient_not_found';
  readonly kind = 'not_found';
  constructor() {
    super('There is no such recipient.');
  }
}

export class ExternalIdTaken extends DomainError {
  readonly code = 'external_id_taken';
  readonly kind = 'conflict';
  constructor() {
    super('Another recipient has this external_id.');
  }
}

/** The provider does not know the account, or this tenant's key has no access to it: to the tenant the two are the same. */
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

/** A value of a recipient that cannot be kept; `field` names it. */
export class InvalidRecipient extends DomainError {
  readonly code = 'invalid_recipient';
  readonly kind = 'invalid';
  constructor(field: string, message: string) {
    super(message, { field });
  }
}
