import { domainError } from '../../../kernel/errors';

/** The tenant has no account on this rail. */
export class RailAccountMissing extends domainError('rail_account_missing', 'conflict', (rail: string) => [
  `No ${rail} account is connected. Connect one by PUT /api/v1/connections/stripe first.`,
  { rail },
]) {}

export class RailAccountUnknown extends domainError(
  'rail_account_not_found',
  'not_found',
  'No rail account has this id.',
) {}

/** The message must not reveal the other tenant. */
export class ProviderAccountTaken extends domainError(
  'provider_account_taken',
  'conflict',
  'This provider account is already connected to another tenant.',
) {}

/** Transfers refer to their account: a key of another account must not replace its key. */
export class RailAccountExists extends domainError(
  'rail_account_exists',
  'conflict',
  'Another Stripe account or mode is already connected. Send a key of the same account and mode.',
) {}

export class ProviderKeyRefused extends domainError(
  'provider_key_refused',
  'invalid',
  'Stripe refused this secret key.',
) {}

/** Stripe does not accept the stored key any more: nothing can be read or sent until it is replaced. */
export class RailAccountRefused extends domainError(
  'rail_account_refused',
  'conflict',
  'Stripe refuses the key of the connected account. Send a new one to PUT /api/v1/connections/stripe.',
) {}

export class ProviderUnreachable extends domainError(
  'provider_unreachable',
  'unavailable',
  'Stripe did not respond. Try again later.',
) {}

export class WebhookEndpointUnknown extends domainError(
  'webhook_endpoint_not_found',
  'not_found',
  'No webhook endpoint has this id.',
) {}

/** A reference is accepted once per account: a second time would count the money twice. */
export class FundingFactExists extends domainError('funding_fact_exists', 'conflict', (reference: string) => [
  `A movement with the reference ${reference} is already recorded.`,
  { reference },
]) {}
