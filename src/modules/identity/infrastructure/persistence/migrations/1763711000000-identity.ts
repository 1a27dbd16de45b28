import { behindTenantWall, moduleSchema, SqlMigration } from '../../../../../platform/database';

/**
 * API keys by hash. The index is not unique on purpose: two equal hashes of 238 random bits do not happen, and a unique
 * violation across tenants would be the only way to learn that another tenant holds a key.
 */
export class Identity1763711000000 extends SqlMigration {
  readonly name = 'Identity1763711000000';

  statements(): string[] {
    return [
      ...moduleSchema('identity'),
      `CREATE TABLE identity.api_keys (
         tenant_id   uuid NOT NULL,
         id          uuid NOT NULL,
         name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
         prefix      text NOT NULL CHECK (prefix ~ '^dk_[A-Za-z0-9]{8}$'),
         secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
         scopes      text[] NOT NULL CHECK (cardinality(scopes) > 0),
         expires_at  timestamptz CHECK (isfinite(expires_at)),
         revoked_at  timestamptz,
         created_at  timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, id)
       )`,
      `CREATE INDEX api_keys_by_hash ON identity.api_keys (secret_hash)`,
      ...behindTenantWall({
        table: 'identity.api_keys',
        app: ['INSERT', 'UPDATE'],
        updatable: ['revoked_at'],
      }),
      `CREATE FUNCTION identity.find_api_key(hash bytea) RETURNS TABLE (tenant_id uuid, id uuid)
       LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
       AS $$ SELECT k.tenant_id, k.id FROM identity.api_keys k WHERE k.secret_hash = hash $$`,
      `REVOKE ALL ON FUNCTION identity.find_api_key(bytea) FROM PUBLIC`,
      `GRANT EXECUTE ON FUNCTION identity.find_api_key(bytea) TO disburse_system`,
    ];
  }
}
