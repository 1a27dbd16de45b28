import type { Balance, EventObject, Reversal, Transfer, WebhookEndpoint } from '../state/objects';

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
    `{"id":"${event.id}","object":"event",${account}"api_version":"${API_VERSION}",` +
    `"created":${seconds(event.createdMs)},` +
    `"data":{"object":${event.objectJson}},"livemode":false,"pending_webhooks":1,` +
    `"request":${request},"type":${JSON.stringify(event.type)}}`
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
