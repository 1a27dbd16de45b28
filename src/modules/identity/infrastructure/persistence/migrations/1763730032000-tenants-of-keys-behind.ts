import { SqlMigration } from '../../../../../platform/database';

/** Where somebody stands behind keys, member or not: the system learns the tenants and nothing about the keys. */
export class TenantsOfKeysBehind1763730032000 extends SqlMigration {
  readonly name = 'TenantsOfKeysBehind1763730032000';

  statements(): string[] {
    return [
      `CREATE INDEX api_keys_by_behind ON identity.api_keys USING gin (behind) WHERE revoked_at IS NULL`,
      `CREATE FUNCTION identity.tenants_of_keys_behind(person uuid) RETURNS TABLE (tenant_id uuid)
       LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
       AS $$ SELECT DISTINCT k.tenant_id FROM identity.api_keys k WHERE k.revoked_at IS NULL AND k.behind @> ARRAY[person] $$`,
      `REVOKE ALL ON FUNCTION identity.tenants_of_keys_behind(uuid) FROM PUBLIC`,
      `GRANT EXECUTE ON FUNCTION identity.tenants_of_keys_behind(uuid) TO disburse_system`,
    ];
  }
}
