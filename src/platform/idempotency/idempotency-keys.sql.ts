import type { TenantId } from '../../kernel/ids';
import type { Sql } from '../database';

export interface StoredResponse {
  readonly fingerprint: Buffer;
  readonly status: number | null;
  readonly body: Buffer | null;
  readonly location: string | null;
}

export interface Claim extends StoredResponse {
  readonly claimed: boolean;
}

export interface KeyUse {
  readonly tenant: TenantId;
  readonly key: string;
  readonly fingerprint: Buffer;
}

/**
 * Claims the key, or waits for the transaction that has claimed it and reads its response. One function, because
 * its lock timeout must be shorter than that of the work after it, and setting it around a statement would cost
 * two more round trips.
 */
export function claimKey(use: KeyUse): Sql<Claim> {
  return {
    name: 'idempotency.claim-key',
    text: `SELECT claimed, fingerprint, status, body, location
      FROM platform.claim_idempotency_key($1, $2, $3)`,
    values: [use.tenant, use.key, use.fingerprint],
  };
}

interface Response {
  readonly status: number;
  readonly bytes: Buffer;
  readonly location: string | null;
}

interface ResponseOfKey {
  readonly use: KeyUse;
  readonly response: Response;
}

/**
 * Writes keys and responses at once. A key that exists fails, after waiting for the transaction that writes it. In
 * the order of the keys, or two processes with the same two keys would wait for each other.
 */
export function insertResponses(tenant: TenantId, responses: readonly ResponseOfKey[]): Sql<unknown> {
  return {
    name: 'idempotency.insert-responses',
    text: `INSERT INTO platform.idempotency_keys (tenant_id, key, fingerprint, status, body, location)
           SELECT $1, a.* FROM unnest($2::text[], $3::bytea[], $4::int[], $5::bytea[], $6::text[])
             AS a (key, fingerprint, status, body, location) ORDER BY a.key`,
    values: [
      tenant,
      responses.map(({ use }) => use.key),
      responses.map(({ use }) => use.fingerprint),
      responses.map(({ response }) => response.status),
      responses.map(({ response }) => response.bytes),
      responses.map(({ response }) => response.location),
    ],
  };
}

/**
 * Returns those of the keys that have a response. Each is looked up by its whole key, or a plan that was made for
 * an empty table would read all of a full one.
 */
export function keysInUse(tenant: TenantId, keys: readonly string[]): Sql<{ key: string }> {
  return {
    name: 'idempotency.keys-in-use',
    text: `SELECT used.key FROM unnest($2::text[]) AS given (key)
            CROSS JOIN LATERAL (SELECT i.key FROM platform.idempotency_keys i WHERE i.tenant_id = $1
              AND i.key = given.key LIMIT 1) used`,
    values: [tenant, keys],
  };
}

export function storeClaimedResponse(use: KeyUse, { status, bytes, location }: Response): Sql<unknown> {
  return {
    name: 'idempotency.store-response',
    text: `UPDATE platform.idempotency_keys SET status = $3, body = $4, location = $5 WHERE tenant_id = $1
      AND key = $2`,
    values: [use.tenant, use.key, status, bytes, location],
  };
}

export function findResponse(tenant: string, key: string): Sql<StoredResponse> {
  return {
    name: 'idempotency.find-response',
    text: `SELECT fingerprint, status, body, location FROM platform.idempotency_keys WHERE tenant_id = $1
      AND key = $2`,
    values: [tenant, key],
  };
}

/** Tenants with keys to purge. For the system's login, which reads these two columns only. */
export function tenantsWithOldKeys(days: number): Sql<{ tenant_id: string }> {
  return {
    text: `SELECT DISTINCT tenant_id FROM platform.idempotency_keys
      WHERE created_at < now() - make_interval(days => $1)`,
    values: [days],
  };
}

/** In slices, oldest first: the first purge after a year must not hold its locks for minutes. */
export function purgeKeys(tenant: string, days: number, limit: number): Sql<unknown> {
  return {
    text: `DELETE FROM platform.idempotency_keys k
            WHERE k.tenant_id = $1 AND k.key IN (
              SELECT key FROM platform.idempotency_keys
               WHERE tenant_id = $1 AND created_at < now() - make_interval(days => $2)
               ORDER BY created_at LIMIT $3)`,
    values: [tenant, days, limit],
  };
}
