import { SqlMigration, SYSTEM } from '../../../../../platform/database';

/** What ends for a person ends in one transaction, which is the system's, and so do the keys that they stand behind. It reaches these and no others. */
export class KeysEndWithAPerson1763730044000 extends SqlMigration {
  readonly name = 'KeysEndWithAPerson1763730044000';

  statements(): string[] {
    return [
      `CREATE FUNCTION identity.lock_keys_behind(person uuid) RETURNS TABLE (tenant_id uuid, id uuid, name text, prefix text, scopes text[])
       LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
       AS $$ SELECT k.tenant_id, k.id, k.name, k.prefix, k.scopes FROM identity.api_keys k
              WHERE k.revoked_at IS NULL AND k.behind @> ARRAY[person] ORDER BY k.tenant_id, k.id FOR NO KEY UPDATE $$`,
      `CREATE FUNCTION identity.revoke_keys_behind(person uuid, keys uuid[]) RETURNS TABLE (tenant_id uuid, id uuid)
       LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
       AS $$ UPDATE identity.api_keys k SET revoked_at = now()
              WHERE k.revoked_at IS NULL AND k.behind @> ARRAY[person] AND k.id = ANY(keys) RETURNING k.tenant_id, k.id $$`,
      `REVOKE ALL ON FUNCTION identity.lock_keys_behind(uuid), identity.revoke_keys_behind(uuid, uuid[]) FROM PUBLIC`,
      `GRANT EXECUTE ON FUNCTION identity.lock_keys_behind(uuid), identity.revoke_keys_behind(uuid, uuid[]) TO ${SYSTEM}`,
    ];
  }
}
