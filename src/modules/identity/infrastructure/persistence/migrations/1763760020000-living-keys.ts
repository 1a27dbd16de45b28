import { SqlMigration } from '../../../../../platform/database';

const living = `k.revoked_at IS NULL AND coalesce(k.expires_at, 'infinity') > now()`;

/**
 * A tenant has so many living keys and no more, so they are counted, and only they end with a person: whoever makes keys that
 * expire at once, over and over, must not become somebody whom no transaction can take out.
 */
export class LivingKeys1763760020000 extends SqlMigration {
  readonly name = 'LivingKeys1763760020000';

  statements(): string[] {
    return [
      `CREATE INDEX api_keys_living ON identity.api_keys (tenant_id, coalesce(expires_at, 'infinity')) WHERE revoked_at IS NULL`,
      `CREATE OR REPLACE FUNCTION identity.tenants_of_keys_behind(person uuid) RETURNS TABLE (tenant_id uuid)
       LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
       AS $$ SELECT DISTINCT k.tenant_id FROM identity.api_keys k WHERE ${living} AND k.behind @> ARRAY[person] $$`,
      `CREATE OR REPLACE FUNCTION identity.lock_keys_behind(person uuid) RETURNS TABLE (tenant_id uuid, id uuid, name text, prefix text, scopes text[])
       LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
       AS $$ SELECT k.tenant_id, k.id, k.name, k.prefix, k.scopes FROM identity.api_keys k
              WHERE ${living} AND k.behind @> ARRAY[person] ORDER BY k.tenant_id, k.id FOR NO KEY UPDATE $$`,
    ];
  }
}
