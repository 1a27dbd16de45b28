import { SqlMigration } from '../../../../../platform/database';

/** As before, and for nobody who was shut out of the installation meanwhile: their tokens stand, and wait until they are let in again. */
export class ShutOutTakeNoInvitation1763760040002 extends SqlMigration {
  readonly name = 'ShutOutTakeNoInvitation1763760040002';

  statements(): string[] {
    return [
      `CREATE OR REPLACE FUNCTION identity.take_invitation(hash bytea) RETURNS TABLE (id uuid)
       LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
       AS $$
         WITH held AS MATERIALIZED (
           SELECT t.id, u.id AS user_id FROM identity.one_time_tokens t JOIN identity.users u ON u.id = t.user_id
            WHERE t.token_hash = hash AND t.purpose = 'invitation' AND t.invited_to = current_setting('app.tenant_id')::uuid AND u.is_active FOR SHARE OF u
         )
         DELETE FROM identity.one_time_tokens t USING held WHERE t.id = held.id AND t.token_hash = hash AND t.expires_at > clock_timestamp() RETURNING held.user_id
       $$`,
    ];
  }
}
