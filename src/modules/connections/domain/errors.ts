import { domainError } from '../../../kernel/errors';

/** The tenant has not connected the rail it wants to pay by. */
export class RailAccountMissing extends domainError('rail_account_missing', 'conflict', (rail: string) => [
  `No ${rail} account is connected. Connect one by PUT /api/v1/connections/stripe first.`,
  { rail },
]) {}

export class RailAccountUnknown extends domainError(
  'rail_account_not_found',
  'not_found',
  'There is no such rail account.',
) {}

/** Says that the account is in use, never by whom. */
export class ProviderAccountTaken extends domainError(
  'provider_account_taken',
  'conflict',
  'This provider account is connected elsewhere. A provider account belongs to one tenant.',
) {}

/** Transfers name the account they left from: a key of another account must not take its place. */
export class RailAccountExists extends domainError(
  'rail_account_exists',
  'conflict',
  'Another Stripe account or mode is connected already. A new key must be of the same account and mode.',
) {}

export class ProviderKeyRefused extends domainError(
  'provider_key_refused',
  'invalid',
  'Stripe refused this secret key.',
) {}

/** The stored key no longer opens the account: nothing can be read or sent until a new one is given. */
export class RailAccountRefused extends domainError(
  'rail_account_refused',
  'conflict',
  'Stripe refuses the key of the connected account. Give a new one by PUT /api/v1/connections/stripe.',
) {}

export class ProviderUnreachable extends domainError(
  'provider_unreachable',
  'unavailable',
  'Stripe could not be asked at the moment.',
) {}

export class WebhookEndpointUnknown extends domainError(
  'webhook_endpoint_not_found',
  'not_found',
  'There is no such webhook endpoint.',
) {}

/** Evidence is used once: the same reference a second time would count the money twice. */
export class FundingFactExists extends domainError('funding_fact_exists', 'conflict', (reference: string) => [
  `Money with the reference ${reference} is recorded already.`,
  { reference },
]) {}
