import { SqlMigration } from '../../../../../platform/database';

/**
 * Rotation keeps the row and puts a second hash beside the first: id, usage, limits and history stay with the key. A row for
 * each secret would have made "the key" a thing of two ids.
 */
export class ApiKeyRotation1763720021000 extends SqlMigration {
  readonly name = 'ApiKeyRotation1763720021000';

  statements(): string[] {
    return [
      `ALTER TABLE identity.api_keys
         ADD created_by_kind       text NOT NULL DEFAULT 'system' CHECK (created_by_kind IN ('api_key', 'user', 'system')),
         ADD created_by_id         uuid,
         ADD created_by_name       text NOT NULL DEFAULT 'command line',
         ADD behind                uuid[] NOT NULL DEFAULT '{}',
         ADD rate_limit_per_minute int CHECK (rate_limit_per_minute > 0),
         ADD rotated_at            timestamptz,
         ADD previous_hash         bytea CHECK (length(previous_hash) = 32),
         ADD previous_until        timestamptz,
         ADD usage_count           bigint NOT NULL DEFAULT 0 CHECK (usage_count >= 0),
         ADD last_used_at          timestamptz,
         ADD CHECK ((created_by_kind = 'system') = (created_by_id IS NULL)),
         ADD CHECK ((previous_hash IS NULL) = (previous_until IS NULL))`,
      `CREATE INDEX api_keys_by_previous_hash ON identity.api_keys (previous_hash) WHERE previous_hash IS NOT NULL`,
      `GRANT UPDATE (prefix, secret_hash, previous_hash, previous_until, rotated_at, behind, usage_count, last_used_at) ON identity.api_keys TO disburse_app`,
      `CREATE OR REPLACE FUNCTION identity.find_api_key(hash bytea) RETURNS TABLE (tenant_id uuid, id uuid)
       LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
       AS $$ SELECT k.tenant_id, k.id FROM identity.api_keys k WHERE k.secret_hash = hash OR k.previous_hash = hash $$`,
    ];
  }
}
