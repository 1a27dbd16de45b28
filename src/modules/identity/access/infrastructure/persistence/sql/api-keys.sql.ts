import type { Sql } from '../../../../../../platform/database';
import type { NewApiKey, NewSecret, Usage } from '../../../application/ports';
import type { Maker } from '../../../domain/api-key';

export interface ApiKeyRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: string[];
  readonly actor_chain: string[];
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

const COLUMNS = `tenant_id, id, name, prefix, scopes, actor_chain, created_by_kind, created_by_id,
  created_by_name, rate_limit_per_minute, expires_at, revoked_at, created_at, rotated_at,
  previous_until, usage_count, last_used_at`;

export function insertKey(tenant: string, k: NewApiKey): Sql<unknown> {
  return {
    text: `INSERT INTO identity.api_keys (tenant_id, id, name, prefix, secret_hash, scopes, actor_chain,
      created_by_kind, created_by_id, created_by_name, rate_limit_per_minute, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    values: [
      tenant,
      k.id,
      k.name,
      k.prefix,
      k.secretHash,
      k.scopes,
      k.actorChain,
      k.createdBy.kind,
      k.createdBy.id,
      k.createdBy.name,
      k.rateLimitPerMinute,
      k.expiresAt,
    ],
  };
}

/** As the index `api_keys_usable` is written. A key that has expired never becomes usable again. */
const USABLE = `revoked_at IS NULL AND coalesce(expires_at, 'infinity') > now()`;

/** Reads at most `max` rows. */
export function countUsableKeys(tenant: string, max: number): Sql<{ count: number }> {
  return {
    name: 'identity.count-usable-keys',
    text: `SELECT count(*)::int AS count
      FROM (SELECT 1 FROM identity.api_keys WHERE tenant_id = $1 AND ${USABLE} LIMIT $2) AS usable`,
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

/** The earlier end, of the key or of the overlap of its previous secret, limits how long it may be cached. */
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

/** Without an overlap the previous hash is cleared. */
export function replaceSecret(tenant: string, id: string, s: NewSecret): Sql<unknown> {
  return {
    text: `UPDATE identity.api_keys
              SET previous_hash = CASE WHEN $5 > 0 THEN secret_hash END, previous_until = CASE WHEN $5 > 0
                THEN now() + make_interval(secs => $5) END,
                  secret_hash = $3, prefix = $4, actor_chain = $6, rotated_at = now()
            WHERE tenant_id = $1 AND id = $2`,
    values: [tenant, id, s.secretHash, s.prefix, s.overlapS, s.actorChain],
  };
}

/** A repeat must not move the time of the first revocation. */
export function revokeKeys(tenant: string, ids: readonly string[]): Sql<unknown> {
  return {
    text: `UPDATE identity.api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE tenant_id = $1
      AND id = ANY($2::uuid[])`,
    values: [tenant, ids],
  };
}

/**
 * A key and its derived keys in one statement, in the order of their ids like every lock on several keys:
 * locking the key first and the others afterwards could deadlock.
 */
export function lockKeyAndDerived(tenant: string, id: string): Sql<ApiKeyRow> {
  return {
    text: `SELECT ${COLUMNS} FROM identity.api_keys WHERE tenant_id = $1
      AND (id = $2 OR (${USABLE} AND actor_chain @> ARRAY[$2::uuid])) ORDER BY id FOR NO KEY UPDATE`,
    values: [tenant, id],
  };
}

/** In the order of ids, like every lock on several keys. */
export function lockDerivedKeys(tenant: string, actorId: string): Sql<ApiKeyRow> {
  return {
    text: `SELECT ${COLUMNS} FROM identity.api_keys WHERE tenant_id = $1 AND ${USABLE}
      AND actor_chain @> ARRAY[$2::uuid] ORDER BY id FOR NO KEY UPDATE`,
    values: [tenant, actorId],
  };
}

export function tenantsOfDerivedKeys(actorId: string): Sql<{ tenant_id: string }> {
  return { text: `SELECT tenant_id FROM identity.tenants_of_derived_keys($1)`, values: [actorId] };
}

export function lockDerivedKeysInAllTenants(
  actorId: string,
): Sql<Pick<ApiKeyRow, 'tenant_id' | 'id' | 'name' | 'prefix' | 'scopes'>> {
  return {
    text: `SELECT tenant_id, id, name, prefix, scopes FROM identity.lock_derived_keys($1)`,
    values: [actorId],
  };
}

export function revokeDerivedKeys(actorId: string, ids: readonly string[]): Sql<unknown> {
  return { text: `SELECT id FROM identity.revoke_derived_keys($1, $2::uuid[])`, values: [actorId, ids] };
}

/**
 * Several processes count: the last use is the latest of all, and rows are locked in the order of their ids,
 * so that two processes do not deadlock.
 */
export function addUsage(tenant: string, usage: readonly Usage[]): Sql<unknown> {
  return {
    text: `WITH locked AS MATERIALIZED (
             SELECT id FROM identity.api_keys WHERE tenant_id = $1 AND id = ANY($2::uuid[])
               ORDER BY id FOR NO KEY UPDATE
           )
           UPDATE identity.api_keys k
              SET usage_count = k.usage_count + u.count, last_used_at = greatest(k.last_used_at,
                now() - make_interval(secs => u.ms_ago / 1000))
             FROM locked JOIN unnest($2::uuid[], $3::int[], $4::float8[]) AS u (id, count, ms_ago)
               ON u.id = locked.id
            WHERE k.tenant_id = $1 AND k.id = locked.id`,
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
