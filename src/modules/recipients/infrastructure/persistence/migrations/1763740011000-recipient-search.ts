import { APP, SqlMigration } from '../../../../../platform/database';

/** To find recipients by a part of their name or external id, and by what else they are filtered by (docs/adr/0030). */
export class RecipientSearch1763740011000 extends SqlMigration {
  readonly name = 'RecipientSearch1763740011000';

  statements(): string[] {
    return [
      // Trusted extensions: whoever may create in the database may create them.
      'CREATE EXTENSION IF NOT EXISTS pg_trgm',
      'CREATE EXTENSION IF NOT EXISTS btree_gin',
      `CREATE INDEX recipients_search ON recipients.recipients USING gin (tenant_id, name gin_trgm_ops, external_id gin_trgm_ops)`,
      `CREATE INDEX recipients_by_name ON recipients.recipients (tenant_id, name, id)`,
      `CREATE INDEX recipients_by_bank_code ON recipients.recipients (tenant_id, bank_code, id) WHERE bank_code IS NOT NULL`,
      `CREATE INDEX recipients_by_creation ON recipients.recipients (tenant_id, created_at)`,
      ...searchFunction(),
    ];
  }
}

/**
 * LIKE is not leakproof: behind row-level security it would never reach the index. So the function stands in front of the
 * wall and is one itself: it reads the tenant from the setting, which its callers cannot give, and answers ids only. Every
 * filter is in here, because a page of what matched first could miss what was asked for. Statistics of what is behind a wall
 * are not used for LIKE either, so the planner takes any text of three letters for frequent and would read everybody from the
 * newest on: MATERIALIZED leaves it the index only.
 */
function searchFunction(): string[] {
  return [
    `CREATE FUNCTION recipients.search_recipients(pattern text, filters jsonb, past uuid, backwards boolean, take integer) RETURNS TABLE (id uuid)
     LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog SET plan_cache_mode = force_custom_plan AS $$
     DECLARE
       own constant uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
     BEGIN
       RETURN QUERY
         WITH hits AS MATERIALIZED (
           SELECT r.* FROM recipients.recipients r
            WHERE r.tenant_id = own AND (r.name ILIKE pattern OR r.external_id ILIKE pattern))
         SELECT r.id FROM hits r
          WHERE (past IS NULL OR CASE WHEN backwards THEN r.id > past ELSE r.id < past END)
            AND (filters->>'externalId' IS NULL OR r.external_id = filters->>'externalId')
            AND (filters->>'name' IS NULL OR r.name = filters->>'name')
            AND (filters->>'bankCode' IS NULL OR r.bank_code = filters->>'bankCode')
            AND (filters->>'type' IS NULL OR r.type = filters->>'type')
            AND (filters->>'country' IS NULL OR r.country = filters->>'country')
            AND (filters->>'isActive' IS NULL OR r.is_active = (filters->>'isActive')::boolean)
            AND (filters->>'createdGte' IS NULL OR r.created_at >= (filters->>'createdGte')::timestamptz)
            AND (filters->>'createdGt' IS NULL OR r.created_at > (filters->>'createdGt')::timestamptz)
            AND (filters->>'createdLte' IS NULL OR r.created_at <= (filters->>'createdLte')::timestamptz)
            AND (filters->>'createdLt' IS NULL OR r.created_at < (filters->>'createdLt')::timestamptz)
          ORDER BY CASE WHEN backwards THEN r.id END, CASE WHEN NOT backwards THEN r.id END DESC
          LIMIT least(take, 1000);
     END $$`,
    `REVOKE ALL ON FUNCTION recipients.search_recipients(text, jsonb, uuid, boolean, integer) FROM PUBLIC`,
    `GRANT EXECUTE ON FUNCTION recipients.search_recipients(text, jsonb, uuid, boolean, integer) TO ${APP}`,
  ];
}
