import type { TenantId } from '../../../../../kernel/ids';
import type { Sql } from '../../../../../platform/database';
import type { AccountOpening } from '../../../domain/account-opening';

const FROZEN = `recipient_id AS "recipientId", generation, rail_account_id AS "railAccountId", key,
  api_version AS "apiVersion", country, type, metadata`;
const CHANGING = `state, calls, call_kind AS "callKind", first_sent_at AS "firstSentAt",
  last_sent_at AS "lastSentAt", lease_token AS "leaseToken", lease_until AS "leaseUntil", ambiguous,
  server_errors AS "serverErrors", look_up_empty_at AS "lookUpEmptyAt", stripe_account_id AS "stripeAccountId",
  reason, provider_code AS "providerCode", provider_request_id AS "providerRequestId"`;

export type OpeningRow = { readonly now: Date } & {
  readonly [K in keyof AccountOpening]: AccountOpening[K] | null;
};

/**
 * Returns one row with the database's clock, also when there is no opening. Locks nothing: the caller has
 * locked the recipient.
 */
export function findLatestOpening(recipientId: string): Sql<OpeningRow> {
  return {
    text: `SELECT clock_timestamp() AS now, latest.* FROM (SELECT 1) one
             LEFT JOIN LATERAL (
               SELECT ${FROZEN}, ${CHANGING} FROM recipients.account_openings WHERE recipient_id = $1
                 ORDER BY generation DESC LIMIT 1) latest ON true`,
    values: [recipientId],
  };
}

export function findOpening(recipientId: string, generation: number): Sql<OpeningRow> {
  return {
    text: `SELECT clock_timestamp() AS now, ${FROZEN}, ${CHANGING} FROM recipients.account_openings
      WHERE recipient_id = $1 AND generation = $2`,
    values: [recipientId, generation],
  };
}

/** The frozen part is written once; the login has no privilege to change it. */
export function putOpening(tenant: TenantId, o: AccountOpening): Sql<never> {
  return {
    text: `INSERT INTO recipients.account_openings
             (tenant_id, recipient_id, generation, rail_account_id, key, api_version, country, type, metadata,
               state, calls, call_kind, first_sent_at, last_sent_at,
              lease_token, lease_until, ambiguous, server_errors, look_up_empty_at, stripe_account_id, reason,
                provider_code, provider_request_id)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
             $21, $22, $23)
           ON CONFLICT (tenant_id, recipient_id, generation) DO UPDATE
              SET state = EXCLUDED.state, calls = EXCLUDED.calls, call_kind = EXCLUDED.call_kind,
                first_sent_at = EXCLUDED.first_sent_at,
                  last_sent_at = EXCLUDED.last_sent_at, lease_token = EXCLUDED.lease_token,
                    lease_until = EXCLUDED.lease_until, ambiguous = EXCLUDED.ambiguous,
                  server_errors = EXCLUDED.server_errors, look_up_empty_at = EXCLUDED.look_up_empty_at,
                    stripe_account_id = EXCLUDED.stripe_account_id,
                  reason = EXCLUDED.reason, provider_code = EXCLUDED.provider_code,
                    provider_request_id = EXCLUDED.provider_request_id`,
    values: [tenant, ...valuesOf(o)],
  };
}

function valuesOf(o: AccountOpening): unknown[] {
  return [
    o.recipientId,
    o.generation,
    o.railAccountId,
    o.key,
    o.apiVersion,
    o.country,
    o.type,
    JSON.stringify(o.metadata),
    o.state,
    o.calls,
    o.callKind,
    o.firstSentAt,
    o.lastSentAt,
    o.leaseToken,
    o.leaseUntil,
    o.ambiguous,
    o.serverErrors,
    o.lookUpEmptyAt,
    o.stripeAccountId,
    o.reason,
    o.providerCode,
    o.providerRequestId,
  ];
}
