import type { TenantId } from '../../../../../kernel/ids';
import type { Sql } from '../../../../../platform/database';
import type { PageWindow } from '../../../../../kernel/page-window';
import type { RailMode } from '../../../contract';
import type { EndpointFamily, ProviderEvent, UnmatchedReason } from '../../../domain/provider-event';
import { pageById } from './page-by-id.sql';

export interface WebhookEndpointRow {
  readonly id: string;
  readonly rail_account_id: string;
  readonly family: EndpointFamily;
  readonly secret: string;
  readonly previous_secret: string | null;
  readonly created_at: Date;
}

/** One statement with all values that an event is compared with, because hundreds of events a second need it. */
export interface ReceivingEndpointRow extends WebhookEndpointRow {
  readonly mode: RailMode;
  readonly provider_account_id: string | null;
}

const COLUMNS = 'e.id, e.rail_account_id, e.family, e.secret, e.previous_secret, e.created_at';

export function findWebhookEndpoint(id: string): Sql<{ tenant_id: TenantId }> {
  return { text: 'SELECT tenant_id FROM connections.find_webhook_endpoint($1)', values: [id] };
}

export function receivingEndpoint(id: string): Sql<ReceivingEndpointRow> {
  return {
    name: 'connections.receiving-endpoint',
    text: `SELECT ${COLUMNS}, a.mode, a.provider_account_id
             FROM connections.webhook_endpoints e JOIN connections.rail_accounts a
               ON a.tenant_id = e.tenant_id AND a.id = e.rail_account_id
            WHERE e.id = $1`,
    values: [id],
  };
}

export function pageOfWebhookEndpoints(window: PageWindow): Sql<WebhookEndpointRow> {
  return pageById(`SELECT ${COLUMNS} FROM connections.webhook_endpoints e`, window);
}

export function insertWebhookEndpoint(
  tenant: TenantId,
  e: Omit<WebhookEndpointRow, 'previous_secret'>,
): Sql<never> {
  return {
    text: `INSERT INTO connections.webhook_endpoints (tenant_id, id, rail_account_id, family, secret,
      created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
    values: [tenant, e.id, e.rail_account_id, e.family, e.secret, e.created_at],
  };
}

/** Both columns are encrypted for the same row and kind, so a secret can be moved without decrypting it. */
export function rotateWebhookSecret(id: string, secret: string): Sql<never> {
  return {
    text: 'UPDATE connections.webhook_endpoints SET previous_secret = secret, secret = $2 WHERE id = $1',
    values: [id, secret],
  };
}

export function dropPreviousWebhookSecret(id: string): Sql<never> {
  return {
    text: 'UPDATE connections.webhook_endpoints SET previous_secret = NULL WHERE id = $1',
    values: [id],
  };
}

/** DO NOTHING waits for a concurrent transaction with the same event, so that only one row is inserted. */
export function insertProviderEvent(
  tenant: TenantId,
  endpointId: string,
  e: ProviderEvent,
  unmatched: UnmatchedReason | null,
): Sql<never> {
  return {
    name: 'connections.insert-provider-event',
    text: `INSERT INTO connections.provider_events
             (tenant_id, endpoint_id, provider_event_id, type, object_id, account, livemode, unmatched_reason,
               provider_created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (tenant_id, endpoint_id, provider_event_id) DO NOTHING`,
    values: [tenant, endpointId, e.id, e.type, e.objectId, e.account, e.livemode, unmatched, e.createdAt],
  };
}
