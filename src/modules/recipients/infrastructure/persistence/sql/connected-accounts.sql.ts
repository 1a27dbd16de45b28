import type { TenantId } from '../../../../../kernel/ids';
import type { Sql } from '../../../../../platform/database';
import type { TransfersCapability } from '../../../contract';
import type { ConnectedAccount } from '../../../domain/connected-account';

export interface ConnectedAccountRow {
  readonly recipient_id: string;
  readonly stripe_account_id: string;
  readonly rail_account_id: string;
  readonly transfers_capability: TransfersCapability;
  readonly checked_at: Date;
  readonly watched: boolean;
  readonly version: number;
}

const SELECT = `SELECT recipient_id, stripe_account_id, rail_account_id, transfers_capability, checked_at, watched,
  version FROM recipients.connected_accounts`;

export function findByRecipients(recipientIds: readonly string[]): Sql<ConnectedAccountRow> {
  return {
    text: `${SELECT} WHERE recipient_id = ANY($1::uuid[]) ORDER BY recipient_id`,
    values: [recipientIds],
  };
}

export function findByStripeAccounts(
  railAccountId: string,
  stripeAccountIds: readonly string[],
): Sql<ConnectedAccountRow> {
  return {
    text: `${SELECT} WHERE rail_account_id = $1 AND stripe_account_id = ANY($2::text[])`,
    values: [railAccountId, stripeAccountIds],
  };
}

/** Locked in the order of the recipients, so that two transactions cannot deadlock. */
export function lockAccounts(recipientIds: readonly string[]): Sql<ConnectedAccountRow> {
  return {
    text: `${SELECT} WHERE recipient_id = ANY($1::uuid[]) ORDER BY recipient_id FOR UPDATE`,
    values: [recipientIds],
  };
}

/** Violates connected_accounts_stripe_account when another recipient has this Stripe account. */
export function putAccount(tenant: TenantId, a: ConnectedAccount): Sql<never> {
  return {
    text: `INSERT INTO recipients.connected_accounts
             (tenant_id, recipient_id, stripe_account_id, rail_account_id, transfers_capability, checked_at,
               watched, version)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (tenant_id, recipient_id) DO UPDATE
              SET stripe_account_id = EXCLUDED.stripe_account_id, rail_account_id = EXCLUDED.rail_account_id,
                  transfers_capability = EXCLUDED.transfers_capability, checked_at = EXCLUDED.checked_at,
                  watched = EXCLUDED.watched, version = EXCLUDED.version`,
    values: [
      tenant,
      a.recipientId,
      a.stripeAccountId,
      a.railAccountId,
      a.transfersCapability,
      a.checkedAt,
      a.watched,
      a.version,
    ],
  };
}

export function saveReadings(accounts: readonly ConnectedAccount[]): Sql<never> {
  return {
    text: `UPDATE recipients.connected_accounts c
              SET transfers_capability = n.capability, checked_at = n.checked_at, watched = n.watched
             FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::boolean[])
               AS n (recipient_id, capability, checked_at, watched)
            WHERE c.recipient_id = n.recipient_id`,
    values: [
      accounts.map((a) => a.recipientId),
      accounts.map((a) => a.transfersCapability),
      accounts.map((a) => a.checkedAt),
      accounts.map((a) => a.watched),
    ],
  };
}

export function insertAccountChange(
  tenant: TenantId,
  a: ConnectedAccount,
  previous: string | null,
  actor: string,
): Sql<never> {
  return {
    text: `INSERT INTO recipients.connected_account_changes (tenant_id, recipient_id, version,
      stripe_account_id, previous_stripe_account_id, actor)
           VALUES ($1, $2, $3, $4, $5, $6)`,
    values: [tenant, a.recipientId, a.version, a.stripeAccountId, previous, actor],
  };
}

/** Locked in order first, because an UPDATE with ANY locks rows in the order of the plan. */
export function watchAccounts(recipientIds: readonly string[]): Sql<never> {
  return {
    text: `WITH due AS (
             SELECT tenant_id, recipient_id FROM recipients.connected_accounts
              WHERE recipient_id = ANY($1::uuid[]) AND NOT watched ORDER BY recipient_id FOR UPDATE)
           UPDATE recipients.connected_accounts c SET watched = true FROM due
             WHERE c.tenant_id = due.tenant_id AND c.recipient_id = due.recipient_id`,
    values: [recipientIds],
  };
}

/** Runs under the system login: routing columns only, and a limit per tenant. */
export function findUnreadSince(
  since: Date,
  tenant: TenantId | null,
  perTenantMax: number,
): Sql<{ tenant_id: TenantId; recipient_id: string }> {
  return {
    text: `SELECT tenant_id, recipient_id FROM (
             SELECT tenant_id, recipient_id, row_number() OVER (PARTITION BY tenant_id
               ORDER BY checked_at, recipient_id) AS nth
               FROM recipients.connected_accounts
              WHERE watched AND checked_at < $1 AND ($2::uuid IS NULL OR tenant_id = $2::uuid)) due
            WHERE nth <= $3 ORDER BY tenant_id, nth`,
    values: [since, tenant, perTenantMax],
  };
}
