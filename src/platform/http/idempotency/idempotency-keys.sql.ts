import type { TenantId } from '../../../kernel/ids';
import type { Sql } from '../../database';

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
 * Takes the key, or waits for whoever holds it and reads what they left. One function, because its lock timeout must be
 * shorter than that of the work after it, and setting it around a statement would cost two round trips more.
 */
export function claimKey(use: KeyUse): Sql<Claim> {
  return {
    name: 'http.claim-key',
    text: `SELECT claimed, fingerprint, status, body, location FROM platform.claim_idempotency_key($1, $2, $3)`,
    values: [use.tenant, use.key, use.fingerprint],
  };
}

/** Key and answer at once, for work that is one message. A key that is taken fails, after waiting for its holder. */
export function insertAnswer(use: KeyUse, status: number, body: Buffer, location: string | null): Sql<unknown> {
  return {
    name: 'http.insert-answer',
    text: `INSERT INTO platform.idempotency_keys (tenant_id, key, fingerprint, status, body, location) VALUES ($1, $2, $3, $4, $5, $6)`,
    values: [use.tenant, use.key, use.fingerprint, status, body, location],
  };
}

export function keepAnswer(use: KeyUse, status: number, body: Buffer, location: string | null): Sql<unknown> {
  return {
    name: 'http.keep-answer',
    text: `UPDATE platform.idempotency_keys SET status = $3, body = $4, location = $5 WHERE tenant_id = $1 AND key = $2`,
    values: [use.tenant, use.key, status, body, location],
  };
}

export function findKept(tenant: string, key: string): Sql<Omit<Claim, 'claimed'>> {
  return {
    name: 'http.find-kept',
    text: `SELECT fingerprint, status, body, location FROM platform.idempotency_keys WHERE tenant_id = $1 AND key = $2`,
    values: [tenant, key],
  };
}

/** Tenants that have something to purge; asked as the system, which sees these two columns only. */
export function tenantsWithOldKeys(days: number): Sql<{ tenant_id: string }> {
  return {
    text: `SELECT DISTINCT tenant_id FROM platform.idempotency_keys WHERE created_at < now() - make_interval(days => $1)`,
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
