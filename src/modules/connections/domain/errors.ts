import { DomainError } from '../../../kernel/errors';

/** The tenant has not connected the rail it wants to pay by. */
export class RailAccountMissing extends DomainError {
  readonly code = 'rail_account_missing';
  readonly kind = 'conflict';
  constructor(rail: string) {
    super(`No ${rail} account is connected. Connect one by PUT /api/v1/connections/stripe first.`, { rail });
  }
}

export class RailAccountUnknown extends DomainError {
  readonly code = 'rail_account_not_found';
  readonly kind = 'not_found';
  constructor() {
    super('There is no such rail account.');
  }
}

/** Says that the account is in use, never by whom. */
export class ProviderAccountTaken extends DomainError {
  readonly code = 'provider_account_taken';
  readonly kind = 'conflict';
  constructor() {
    super('This provider account is connected elsewhere. A provider account belongs to one tenant.');
  }
}

/** Transfers name the account they left from: a key of another account must not take its place. */
export class RailAccountExists extends DomainError {
  readonly code = 'rail_account_exists';
  readonly kind = 'conflict';
  constructor() {
    super(
      'Another Stripe account or mode is connected already. A new key must be of the same account and mode.',
    );
  }
}

export class ProviderKeyRefused extends DomainError {
  readonly code = 'provider_key_refused';
  readonly kind = 'invalid';
  constructor() {
    super('Stripe refused this secret key.');
  }
}

/** The stored key no longer opens the account: nothing can be read or sent until a new one is given. */
export class RailAccountRefused extends DomainError {
  readonly code = 'rail_account_refused';
  readonly kind = 'conflict';
  constructor() {
    super(
      'Stripe refuses the key of the connected account. Give a new one by PUT /api/v1/connections/stripe.',
    );
  }
}

export class ProviderUnreachable extends DomainError {
  readonly code = 'provider_unreachable';
  readonly kind = 'unavailable';
  constructor() {
    super('Stripe could not be asked at the moment.');
  }
}

export class WebhookEndpointUnknown extends DomainError {
  readonly code = 'webhook_endpoint_not_found';
  readonly kind = 'not_found';
  constructor() {
    super('There is no such webhook endpoint.');
  }
}

/** Evidence is used once: the same reference a second time would count the money twice. */
export class FundingFactExists extends DomainError {
  readonly code = 'funding_fact_exists';
  readonly kind = 'conflict';
  constructor(reference: string) {
    super(`Money with the reference ${reference} is recorded already.`, { reference });
  }
}
