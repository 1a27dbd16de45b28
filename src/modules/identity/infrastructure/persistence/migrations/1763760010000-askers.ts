import { SqlMigration, SYSTEM } from '../../../../../platform/database';

/**
 * Who of the tenant asked for a token, to be asked about when it is used. Nobody can say who asked for those that stand, and whoever
 * did may be gone: they end, and are asked for again. What a key may is told to the system for one key, and only while it may be used.
 */
export class Askers1763760010000 extends SqlMigration {
  readonly name = 'Askers1763760010000';

  statements(): string[] {
    return [
      `DELETE FROM identity.one_time_tokens WHERE asked_by IS NOT NULL`,
      `ALTER TABLE identity.one_time_tokens
         ADD asker_kind text CHECK (asker_kind IN ('user', 'api_key')),
         ADD asker_id   uuid,
         ADD CONSTRAINT one_time_tokens_asker_is_named CHECK ((asked_by IS NULL) = (asker_kind IS NULL) AND (asked_by IS NULL) = (asker_id IS NULL))`,
      `GRANT SELECT (asker_kind, asker_id), INSERT (asker_kind, asker_id), UPDATE (asker_kind, asker_id) ON identity.one_time_tokens TO ${SYSTEM}`,
      `CREATE FUNCTION identity.scopes_of_usable_key(tenant uuid, key uuid) RETURNS TABLE (scopes text[])
       LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
       AS $$ SELECT k.scopes FROM identity.api_keys k
              WHERE k.tenant_id = tenant AND k.id = key AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()) $$`,
      `REVOKE ALL ON FUNCTION identity.scopes_of_usable_key(uuid, uuid) FROM PUBLIC`,
      `GRANT EXECUTE ON FUNCTION identity.scopes_of_usable_key(uuid, uuid) TO ${SYSTEM}`,
    ];
  }
}
