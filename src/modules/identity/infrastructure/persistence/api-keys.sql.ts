import type { Sql } from '../../../../platform/database';
import type { NewApiKey } from '../../application/ports';

export interface ApiKeyRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: string[];
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly created_at: Date;
}

const COLUMNS = 'tenant_id, id, name, prefix, scopes, expires_at, revoked_at, created_at';

export function insertKey(tenant: string, k: NewApiKey): Sql<unknown> {
  return {
    text: `INSERT INTO identity.api_keys (tenant_id, id, name, prefix, secret_hash, scopes, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    values: [tenant, k.id, k.name, k.prefix, k.secretHash, k.scopes, k.expiresAt],
  };
}

export function findKey(tenant: string, id: string): Sql<ApiKeyRow> {
  return { name: 'identity.find-key', text: `SELECT ${COLUMNS} FROM identity.api_keys WHERE tenant_id = $1 AND id = $2`, values: [tenant, id] };
}

export function findUsableKey(tenant: string, id: string): Sql<ApiKeyRow> {
  return {
    name: 'identity.find-usable-key',
    text: `SELECT ${COLUMNS} FROM identity.api_keys
            WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
    values: [tenant, id],
  };
}

/** The first revocation stands: repeating it must not move the moment. */
export function revokeKey(tenant: string, id: string): Sql<unknown> {
  return { text: `UPDATE identity.api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE tenant_id = $1 AND id = $2`, values: [tenant, id] };
}

export function locateKey(hash: Buffer): Sql<{ tenant_id: string; id: string }> {
  return { name: 'identity.locate-key', text: `SELECT tenant_id, id FROM identity.find_api_key($1)`, values: [hash] };
}
