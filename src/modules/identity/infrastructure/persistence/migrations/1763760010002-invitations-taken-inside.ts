import { APP, SqlMigration } from '../../../../../platform/database';

/**
 * An invitation is used up in the transaction that enters its tenant, which is the tenant's: it reaches the one whose hash it was
 * handed, and no other tenant's. Whoever has the person's password chosen anew locks them, and waits; or was first, and ended it.
 */
export class InvitationsTakenInside1763760010002 extends SqlMigration {
  readonly name = 'InvitationsTakenInside1763760010002';

  statements(): string[] {
    return [
      `CREATE FUNCTION identity.take_invitation(hash bytea) RETURNS TABLE (id uuid)
       LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
       AS $$
         WITH held AS MATERIALIZED (
           SELECT t.id, u.id AS user_id FROM identity.one_time_tokens t JOIN identity.users u ON u.id = t.user_id
            WHERE t.token_hash = hash AND t.purpose = 'invitation' AND t.invited_to = current_setting('app.tenant_id')::uuid FOR SHARE OF u
         )
         DELETE FROM identity.one_time_tokens t USING held WHERE t.id = held.id AND t.token_hash = hash AND t.expires_at > clock_timestamp() RETURNING held.user_id
       $$`,
      `REVOKE ALL ON FUNCTION identity.take_invitation(bytea) FROM PUBLIC`,
      `GRANT EXECUTE ON FUNCTION identity.take_invitation(bytea) TO ${APP}`,
    ];
  }
}
