import { appendOnly, OWNER, SqlMigration, SYSTEM } from '../../../../../platform/database';

/** Who did what to whom at the level of the installation: an act without a tenant has no place in the trail of one. */
export class InstallationLog1763730043000 extends SqlMigration {
  readonly name = 'InstallationLog1763730043000';

  statements(): string[] {
    return [
      `CREATE TABLE identity.installation_log (
         id         uuid PRIMARY KEY,
         at         timestamptz NOT NULL DEFAULT now(),
         actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'system')),
         actor_id   uuid,
         actor_name text NOT NULL,
         request_id text,
         address    text,
         action     text NOT NULL CHECK (action ~ '^user\\.[a-z_]+$'),
         user_id    uuid NOT NULL REFERENCES identity.users (id),
         CHECK ((actor_kind = 'system') = (actor_id IS NULL))
       )`,
      `CREATE INDEX installation_log_by_user ON identity.installation_log (user_id, id)`,
      `CREATE INDEX installation_log_by_actor ON identity.installation_log (actor_id, id)`,
      `ALTER TABLE identity.installation_log ENABLE ROW LEVEL SECURITY`,
      `ALTER TABLE identity.installation_log FORCE ROW LEVEL SECURITY`,
      `CREATE POLICY system_keeps ON identity.installation_log TO ${SYSTEM} USING (true) WITH CHECK (true)`,
      `CREATE POLICY owner_migrates ON identity.installation_log TO ${OWNER} USING (true) WITH CHECK (true)`,
      `GRANT SELECT, INSERT (id, actor_kind, actor_id, actor_name, request_id, address, action, user_id) ON identity.installation_log TO ${SYSTEM}`,
      ...appendOnly('identity.installation_log'),
      `CREATE INDEX users_by_age ON identity.users (created_at, id)`,
      // The name that a tenant gave, to name somebody in that tenant's trail; other tenants' names stay where they are.
      `GRANT SELECT (name) ON identity.memberships TO ${SYSTEM}`,
      `GRANT SELECT (created_at) ON identity.users TO ${SYSTEM}`,
    ];
  }
}
