import type { Account } from '../state/objects';
import type { Platform } from '../state/platform';
import { seconds } from './render';

const emptyList = (url: string): object => ({
  object: 'list',
  data: [],
  has_more: false,
  total_count: 0,
  url,
});

function requirements(account: Account): object {
  const due = account.detailsSubmitted
    ? []
    : ['external_account', 'tos_acceptance.date', 'tos_acceptance.ip'];
  return {
    alternatives: [],
    current_deadline: null,
    currently_due: due,
    disabled_reason:
      account.transfers === 'active'
        ? null
        : account.transfers === 'pending'
          ? 'requirements.pending_verification'
          : 'requirements.past_due',
    errors: [],
    eventually_due: due,
    past_due: due,
    pending_verification: account.transfers === 'pending' ? ['individual.verification.document'] : [],
  };
}

function controllerOf(account: Account): object {
  const dashboard = { express: 'express', standard: 'full', custom: 'none', none: 'none' }[account.type];
  return {
    fees: { payer: account.type === 'standard' ? 'account' : 'application' },
    is_controller: true,
    losses: { payments: account.type === 'standard' ? 'stripe' : 'application' },
    requirement_collection: account.type === 'custom' ? 'application' : 'stripe',
    stripe_dashboard: { type: dashboard },
    type: 'application',
  };
}

export function accountJson(account: Account): string {
  return JSON.stringify({
    id: account.id,
    object: 'account',
    business_type: null,
    capabilities: account.transfers === undefined ? {} : { transfers: account.transfers },
    charges_enabled: account.chargesEnabled,
    controller: controllerOf(account),
    country: account.country,
    created: seconds(account.createdMs),
    default_currency: account.defaultCurrency,
    details_submitted: account.detailsSubmitted,
    email: account.email,
    external_accounts: emptyList(`/v1/accounts/${account.id}/external_accounts`),
    future_requirements: {
      alternatives: [],
      current_deadline: null,
      currently_due: [],
      disabled_reason: null,
      errors: [],
      eventually_due: [],
      past_due: [],
      pending_verification: [],
    },
    metadata: account.metadata,
    payouts_enabled: account.payoutsEnabled,
    requirements: requirements(account),
    settings: {
      dashboard: { display_name: null, timezone: 'Etc/UTC' },
      payouts: { debit_negative_balances: false, schedule: { delay_days: 2, interval: 'daily' } },
    },
    tos_acceptance: { date: account.detailsSubmitted ? seconds(account.createdMs) : null },
    type: account.type,
  });
}

/** The platform's own account, as `GET /v1/account` shows it. */
export function platformJson(platform: Platform): string {
  return JSON.stringify({
    id: platform.id,
    object: 'account',
    business_profile: { name: platform.name },
    capabilities: { transfers: 'active', card_payments: 'active' },
    charges_enabled: true,
    country: 'US',
    created: seconds(platform.createdMs),
    default_currency: 'usd',
    details_submitted: true,
    email: 'platform@simulator.invalid',
    metadata: {},
    payouts_enabled: true,
    settings: { dashboard: { display_name: `${platform.name} (simulated)`, timezone: 'Etc/UTC' } },
    type: 'standard',
  });
}
