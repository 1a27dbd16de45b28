import type { Sql } from '../../../../../../platform/database';
import type { NewApiKey, NewSecret, Usage } from '../../../application/ports';
import type { Maker } from '../../../domain/api-key';

export interface ApiKeyRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: string[];
  readonly behind: string[];
  readonly created_by_kind: Maker['kind'];
  readonly created_by_id: string | null;
  readonly created_by_name: string;
  readonly rate_limit_per_minute: number | null;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly created_at: Date;
  readonly rotated_at: Date | null;
  readonly previous_until: Date | null;
  readonly usage_count: bigint;
  readonly last_used_at: Date | null;
}

const COLUMNS = `tenant_id, id, name, prefix, scopes, behind, created_by_kind, created_by_id, created_by_name, rate_limit_per_minute,
  expires_at, revoked_at, created_at, rotated_at, previous_until, usage_count, last_used_at`;

export function insertKey(tenant: string, k: NewApiKey): Sql<unknown> {
  return {
    text: `INSERT INTO identity.api_keys (tenant_id, id, name, prefix, secret_hash, scopes, behind,
      created_by_kind, created_by_id, created_by_name, rate_limit_per_minute, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    values: [
      tenant,
      k.id,
      k.name,
      k.prefix,
      k.secretHash,
      k.scopes,
      k.behind,
      k.createdBy.kind,
      k.createdBy.id,
      k.createdBy.name,
      k.rateLimitPerMinute,
      k.expiresAt,
    ],
  };
}

/** What has expired can do nothing, and nothing brings it back. Written as the index `api_keys_living` is. */
const LIVING = `revoked_at IS NULL AND coalesce(expires_at, 'infinity') > now()`;

/** Reads no more than it takes to know. */
export function countLivingKeys(tenant: string, max: number): Sql<{ count: number }> {
  return {
    name: 'identity.count-living-keys',
    text: `SELECT count(*)::int AS count
      FROM (SELECT 1 FROM identity.api_keys WHERE tenant_id = $1 AND ${LIVING} LIMIT $2) AS living`,
    values: [tenant, max],
  };
}

export function findKey(tenant: string, id: string): Sql<ApiKeyRow> {
  return {
    name: 'identity.find-key',
    text: `SELECT ${COLUMNS} FROM identity.api_keys WHERE tenant_id = $1 AND id = $2`,
    values: [tenant, id],
  };
}

export function lockKey(tenant: string, id: string): Sql<ApiKeyRow> {
  return {
    text: `SELECT ${COLUMNS} FROM identity.api_keys WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE`,
    values: [tenant, id],
  };
}

/** What ends first, the key or the overlap of an old secret, tells how long this answer may be remembered. */
export function findUsableKey(
  tenant: string,
  id: string,
  hash: Buffer,
): Sql<ApiKeyRow & { usable_for_ms: number | null }> {
  return {
    name: 'identity.find-usable-key',
    text: `SELECT ${COLUMNS}, (extract(epoch FROM least(expires_at, CASE WHEN secret_hash <> $3
      THEN previous_until END) - now()) * 1000)::float8 AS usable_for_ms
             FROM identity.api_keys
            WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL
              AND (expires_at IS NULL OR expires_at > now())
              AND (secret_hash = $3 OR (previous_hash = $3 AND previous_until > now()))`,
    values: [tenant, id, hash],
  };
}

export function scopesOfUsableKey(tenant: string, id: string): Sql<Pick<ApiKeyRow, 'scopes'>> {
  return { text: `SELECT scopes FROM identity.scopes_of_usable_key($1, $2)`, values: [tenant, id] };
}

/** Without an overlap nothing of the old secret is kept. */
export function replaceSecret(tenant: string, id: string, s: NewSecret): Sql<unknown> {
  return {
    text: `UPDATE identity.api_keys
              SET previous_hash = CASE WHEN $5 > 0 THEN secret_hash END, previous_until = CASE WHEN $5 > 0
                THEN now() + make_interval(secs => $5) END,
                  secret_hash = $3, prefix = $4, behind = $6, rotated_at = now()
            WHERE tenant_id = $1 AND id = $2`,
    values: [tenant, id, s.secretHash, s.prefix, s.overlapS, s.behind],
  };
}

/** The first revocation stands: repeating it must not move the moment. */
export function revokeKeys(tenant: string, ids: readonly string[]): Sql<unknown> {
  return {
    text: `UPDATE identity.api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE tenant_id = $1
      AND id = ANY($2::uuid[])`,
    values: [tenant, ids],
  };
}

/**
 * A key and those it stands behind in one statement, for they come in the order of their ids like
 * everybody's: whoever locked it first and them afterwards would deadlock.
 */
export function lockKeyAndBehind(tenant: string, id: string): Sql<ApiKeyRow> {
  return {
    text: `SELECT ${COLUMNS} FROM identity.api_keys WHERE tenant_id = $1
      AND (id = $2 OR (${LIVING} AND behind @> ARRAY[$2::uuid])) ORDER BY id FOR NO KEY UPDATE`,
    values: [tenant, id],
  };
}

/** By id, as everybody who locks several. */
export function lockKeysBehind(tenant: string, who: string): Sql<ApiKeyRow> {
  return {
    text: `SELECT ${COLUMNS} FROM identity.api_keys WHERE tenant_id = $1 AND ${LIVING}
      AND behind @> ARRAY[$2::uuid] ORDER BY id FOR NO KEY UPDATE`,
    values: [tenant, who],
  };
}

export function tenantsOfKeysBehind(who: string): Sql<{ tenant_id: string }> {
  return { text: `SELECT tenant_id FROM identity.tenants_of_keys_behind($1)`, values: [who] };
}

export function lockKeysBehindEverywhere(
  who: string,
): Sql<Pick<ApiKeyRow, 'tenant_id' | 'id' | 'name' | 'prefix' | 'scopes'>> {
  return {
    text: `SELECT tenant_id, id, name, prefix, scopes FROM identity.lock_keys_behind($1)`,
    values: [who],
  };
}

export function revokeKeysBehind(who: string, ids: readonly string[]): Sql<unknown> {
  return { text: `SELECT id FROM identity.revoke_keys_behind($1, $2::uuid[])`, values: [who, ids] };
}

/**
 * Several processes count: the last use is the latest any of them saw, and rows are locked by id, or two of
 * them wait for each other.
 */
export function addUsage(tenant: string, usage: readonly Usage[]): Sql<unknown> {
  return {
    text: `WITH held AS MATERIALIZED (
             SELECT id FROM identity.api_keys WHERE tenant_id = $1 AND id = ANY($2::uuid[])
               ORDER BY id FOR NO KEY UPDATE
           )
           UPDATE identity.api_keys k
              SET usage_count = k.usage_count + u.count, last_used_at = greatest(k.last_used_at,
                now() - make_interval(secs => u.ms_ago / 1000))
             FROM held JOIN unnest($2::uuid[], $3::int[], $4::float8[]) AS u (id, count, ms_ago)
               ON u.id = held.id
            WHERE k.tenant_id = $1 AND k.id = held.id`,
    values: [
      tenant,
      usage.map(({ id }) => id),
      usage.map(({ count }) => count),
      usage.map(({ lastMsAgo }) => lastMsAgo),
    ],
  };
}

export function locateKey(hash: Buffer): Sql<{ tenant_id: string; id: string }> {
  return {
    name: 'identity.locate-key',
    text: `SELECT tenant_id, id FROM identity.find_api_key($1)`,
    values: [hash],
  };
}
