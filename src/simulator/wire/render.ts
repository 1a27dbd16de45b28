import type { Account, Balance, EventObject, Reversal, Transfer, WebhookEndpoint } from '../state/objects';
import type { Platform } from '../state/platform';

/** The version stripe-node 23.1 pins. */
export const API_VERSION = '2026-10-28.endive';

export const seconds = (ms: number): number => Math.floor(ms / 1000);

/** The part of an id that says which effect it belongs to: a transfer and what came with it share it. */
export const suffixOf = (id: string): string => id.slice(id.lastIndexOf('_') + 1);

export function listJson(url: string, items: readonly string[], hasMore: boolean): string {
  return `{"object":"list","data":[${items.join(',')}],"has_more":${hasMore},"url":${JSON.stringify(url)}}`;
}

function reversalObject(transfer: Transfer, reversal: Reversal): object {
  return {
    id: reversal.id,
    object: 'transfer_reversal',
    amount: reversal.amount,
    balance_transaction: `txn_sim_${suffixOf(reversal.id)}`,
    created: seconds(reversal.createdMs),
    currency: transfer.currency,
    destination_payment_refund: `pyr_sim_${suffixOf(reversal.id)}`,
    metadata: reversal.metadata,
    source_refund: null,
    transfer: transfer.id,
  };
}

export const reversalJson = (transfer: Transfer, reversal: Reversal): string =>
  JSON.stringify(reversalObject(transfer, reversal));

export function transferJson(transfer: Transfer): string {
  const suffix = suffixOf(transfer.id);
  return JSON.stringify({
    id: transfer.id,
    object: 'transfer',
    amount: transfer.amount,
    amount_reversed: transfer.amountReversed,
    balance_transaction: `txn_sim_${suffix}`,
    created: seconds(transfer.createdMs),
    currency: transfer.currency,
    description: transfer.description,
    destination: transfer.destination,
    destination_payment: `py_sim_${suffix}`,
    livemode: false,
    metadata: transfer.metadata,
    reversals: {
      object: 'list',
      data: transfer.reversals
        .slice(-10)
        .reverse()
        .map((reversal) => reversalObject(transfer, reversal)),
      has_more: transfer.reversals.length > 10,
      total_count: transfer.reversals.length,
      url: `/v1/transfers/${transfer.id}/reversals`,
    },
    reversed: transfer.amountReversed === transfer.amount,
    source_transaction: transfer.sourceTransaction,
    source_type: 'card',
    transfer_group: transfer.transferGroup,
  });
}

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

export function accountJson(account: Account): string {
  const express = account.type === 'express';
  return JSON.stringify({
    id: account.id,
    object: 'account',
    business_type: null,
    capabilities: account.transfers === undefined ? {} : { transfers: account.transfers },
    charges_enabled: account.chargesEnabled,
    controller: {
      fees: { payer: account.type === 'standard' ? 'account' : 'application' },
      is_controller: true,
      losses: { payments: account.type === 'standard' ? 'stripe' : 'application' },
      requirement_collection: account.type === 'custom' ? 'application' : 'stripe',
      stripe_dashboard: { type: express ? 'express' : account.type === 'standard' ? 'full' : 'none' },
      type: 'application',
    },
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

export function balanceJson(balances: ReadonlyMap<string, Balance>): string {
  const part = (field: keyof Balance): object[] =>
    [...balances].map(([currency, balance]) => ({
      amount: balance[field],
      currency,
      source_types: { card: balance[field] },
    }));
  return JSON.stringify({
    object: 'balance',
    available: part('available'),
    connect_reserved: [],
    livemode: false,
    pending: part('pending'),
  });
}

export function eventJson(event: EventObject): string {
  const account = event.account === undefined ? '' : `"account":${JSON.stringify(event.account)},`;
  const request = JSON.stringify({ id: event.requestId, idempotency_key: event.idempotencyKey });
  return (
    `{"id":"${event.id}","object":"event",${account}"api_version":"${API_VERSION}","created":${seconds(event.createdMs)},` +
    `"data":{"object":${event.objectJson}},"livemode":false,"pending_webhooks":1,"request":${request},"type":${JSON.stringify(event.type)}}`
  );
}

export function endpointJson(endpoint: WebhookEndpoint, withSecret: boolean): string {
  return JSON.stringify({
    id: endpoint.id,
    object: 'webhook_endpoint',
    api_version: API_VERSION,
    application: null,
    created: seconds(endpoint.createdMs),
    description: null,
    enabled_events: endpoint.events,
    livemode: false,
    metadata: endpoint.metadata,
    ...(withSecret ? { secret: endpoint.secret } : {}),
    status: 'enabled',
    url: endpoint.url,
  });
}
