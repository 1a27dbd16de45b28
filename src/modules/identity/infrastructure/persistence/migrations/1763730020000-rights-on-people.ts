import { SqlMigration, SYSTEM } from '../../../../../platform/database';

const only = (table: string, read: string, inserted: string): string[] => [
  `REVOKE SELECT, INSERT ON ${table} FROM ${SYSTEM}`,
  `GRANT SELECT (${read}), INSERT (${inserted}) ON ${table} TO ${SYSTEM}`,
];

/**
 * What the system's login does with people's rows, and no more. It clears families away that are over and none that lives:
 * while one does, its used tokens are how a copy is recognised.
 */
export class RightsOnPeople1763730020000 extends SqlMigration {
  readonly name = 'RightsOnPeople1763730020000';

  statements(): string[] {
    return [
      ...only(
        'identity.users',
        'id, email, email_folded, name, password_hash, is_platform_admin, is_active',
        'id, email, email_folded, name',
      ),
      ...only(
        'identity.sessions',
        'id, user_id, token_hash, idle_s, last_seen_at, expires_at',
        'id, user_id, token_hash, idle_s, expires_at',
      ),
      ...only(
        'identity.refresh_families',
        'id, user_id, chosen_tenant, idle_s, last_used_at, expires_at, revoked_at',
        'id, user_id, chosen_tenant, idle_s, expires_at',
      ),
      ...only('identity.refresh_tokens', 'token_hash, family_id, used_at', 'token_hash, family_id'),
      ...only(
        'identity.one_time_tokens',
        'id, user_id, purpose, invited_to, token_hash, created_at, expires_at',
        'id, user_id, purpose, invited_to, token_hash, expires_at',
      ),
      `REVOKE DELETE ON identity.refresh_tokens FROM ${SYSTEM}`,
      `CREATE POLICY only_what_is_over ON identity.refresh_families AS RESTRICTIVE FOR DELETE TO ${SYSTEM}
         USING (least(revoked_at, expires_at, last_used_at + make_interval(secs => idle_s)) <= now())`,
    ];
  }
}
