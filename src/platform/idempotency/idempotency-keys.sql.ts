import type { TenantId } from '../../kernel/ids';
import type { Sql } from '../database';

export interface Claim {
  readonly claimed: boolean;
  readonly fingerprint: Buffer;
  readonly status: number | null;
  readonly body: Buffer | null;
  readonly location: string | null;
}

export interface KeyUse {
  readonly tenant: TenantId;
  readonly key: string;
  readonly fingerprint: Buffer;
}

/**
 * Takes the key, or waits for whoever holds it and reads what they left. One function, because its lock
 * timeout must be shorter than that of the work after it, and setting it around a statement would cost two
 * round trips more.
 */
export function claimKey(use: KeyUse): Sql<Claim> {
  return {
    name: 'http.claim-key',
    text: `SELECT claimed, fingerprint, status, body, location
      FROM platform.claim_idempotency_key($1, $2, $3)`,
    values: [use.tenant, use.key, use.fingerprint],
  };
}

export interface KeyAnswered {
  readonly use: KeyUse;
  readonly answer: { readonly status: number; readonly bytes: Buffer; readonly location: string | null };
}

/**
 * Keys and answers at once, for work that is one message. A key that is taken fails, after waiting for its
 * holder. In the order of the keys, or two processes with the same two of them would wait for each other.
 */
export function insertAnswers(tenant: TenantId, answered: readonly KeyAnswered[]): Sql<unknown> {
  return {
    name: 'http.insert-answers',
    text: `INSERT INTO platform.idempotency_keys (tenant_id, key, fingerprint, status, body, location)
           SELECT $1, a.* FROM unnest($2::text[], $3::bytea[], $4::int[], $5::bytea[], $6::text[])
             AS a (key, fingerprint, status, body, location) ORDER BY a.key`,
    values: [
      tenant,
      answered.map(({ use }) => use.key),
      answered.map(({ use }) => use.fingerprint),
      answered.map(({ answer }) => answer.status),
      answered.map(({ answer }) => answer.bytes),
      answered.map(({ answer }) => answer.location),
    ],
  };
}

/**
 * Which of these have an answer by now. Each by its whole key, or a plan that was made for an empty table
 * would read all of a full one.
 */
export function takenAmong(tenant: TenantId, keys: readonly string[]): Sql<{ key: string }> {
  return {
    name: 'http.taken-among',
    text: `SELECT taken.key FROM unnest($2::text[]) AS asked (key)
            CROSS JOIN LATERAL (SELECT i.key FROM platform.idempotency_keys i WHERE i.tenant_id = $1
              AND i.key = asked.key LIMIT 1) taken`,
    values: [tenant, keys],
  };
}

export function keepAnswer(use: KeyUse, status: number, body: Buffer, location: string | null): Sql<unknown> {
  return {
    name: 'http.keep-answer',
    text: `UPDATE platform.idempotency_keys SET status = $3, body = $4, location = $5 WHERE tenant_id = $1
      AND key = $2`,
    values: [use.tenant, use.key, status, body, location],
  };
}

export function findKept(tenant: string, key: string): Sql<Omit<Claim, 'claimed'>> {
  return {
    name: 'http.find-kept',
    text: `SELECT fingerprint, status, body, location FROM platform.idempotency_keys WHERE tenant_id = $1
      AND key = $2`,
    values: [tenant, key],
  };
}

/** Tenants that have something to purge; asked as the system, which sees these two columns only. */
export function tenantsWithOldKeys(days: number): Sql<{ tenant_id: string }> {
  return {
    text: `SELECT DISTINCT tenant_id FROM platform.idempotency_keys
      WHERE created_at < now() - make_interval(days => $1)`,
    values: [days],
  };
}

/** In slices, oldest first: a purge that was forgotten for a year must not hold its locks for minutes. */
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
