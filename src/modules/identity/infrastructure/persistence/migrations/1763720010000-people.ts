import { behindTenantWall, OWNER, SqlMigration, SYSTEM } from '../../../../../platform/database';

/** The application's login has no right and no policy on these: a request of a tenant cannot read who else is in the house. */
const ofTheInstallation = (table: string, rights: string): string[] => [
  `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY system_keeps ON ${table} TO ${SYSTEM} USING (true) WITH CHECK (true)`,
  `CREATE POLICY owner_migrates ON ${table} TO ${OWNER} USING (true) WITH CHECK (true)`,
  `GRANT ${rights} ON ${table} TO ${SYSTEM}`,
];

/**
 * People of the installation, how they come in, and what they are in a tenant. A membership holds the tenant's own words for
 * a person (name, address): whether and under which name somebody is known elsewhere is no tenant's business.
 */
export class People1763720010000 extends SqlMigration {
  readonly name = 'People1763720010000';

  statements(): string[] {
    return [
      `CREATE TABLE identity.users (
         id                uuid PRIMARY KEY,
         email             text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
         email_folded      text NOT NULL UNIQUE CHECK (length(email_folded) BETWEEN 3 AND 1000),
         name              text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
         password_hash     text CHECK (password_hash LIKE '$argon2id$%'),
         is_platform_admin boolean NOT NULL DEFAULT false,
         is_active         boolean NOT NULL DEFAULT true,
         created_at        timestamptz NOT NULL DEFAULT now()
       )`,
      `CREATE TABLE identity.sessions (
         id           uuid PRIMARY KEY,
         user_id      uuid NOT NULL REFERENCES identity.users (id),
         token_hash   bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
         idle_s       int NOT NULL CHECK (idle_s > 0),
         created_at   timestamptz NOT NULL DEFAULT now(),
         last_seen_at timestamptz NOT NULL DEFAULT now(),
         expires_at   timestamptz NOT NULL
       )`,
      `CREATE INDEX sessions_by_user ON identity.sessions (user_id)`,
      `CREATE TABLE identity.refresh_families (
         id            uuid PRIMARY KEY,
         user_id       uuid NOT NULL REFERENCES identity.users (id),
         chosen_tenant uuid,
         idle_s        int NOT NULL CHECK (idle_s > 0),
         created_at    timestamptz NOT NULL DEFAULT now(),
         last_used_at  timestamptz NOT NULL DEFAULT now(),
         expires_at    timestamptz NOT NULL,
         revoked_at    timestamptz
       )`,
      `CREATE INDEX refresh_families_by_user ON identity.refresh_families (user_id)`,
      `CREATE TABLE identity.refresh_tokens (
         token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
         family_id  uuid NOT NULL REFERENCES identity.refresh_families (id) ON DELETE CASCADE,
         created_at timestamptz NOT NULL DEFAULT now(),
         used_at    timestamptz
       )`,
      `CREATE INDEX refresh_tokens_by_family ON identity.refresh_tokens (family_id)`,
      `CREATE TABLE identity.one_time_tokens (
         id         uuid PRIMARY KEY,
         user_id    uuid NOT NULL REFERENCES identity.users (id),
         purpose    text NOT NULL CHECK (purpose IN ('invitation', 'password_reset')),
         invited_to uuid,
         token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
         created_at timestamptz NOT NULL DEFAULT now(),
         expires_at timestamptz NOT NULL,
         CHECK (expires_at <= created_at + CASE purpose WHEN 'password_reset' THEN interval '1 hour' ELSE interval '7 days' END),
         UNIQUE NULLS NOT DISTINCT (user_id, purpose, invited_to)
       )`,
      ...ofTheInstallation(
        'identity.users',
        'SELECT, INSERT, UPDATE (password_hash, is_platform_admin, is_active)',
      ),
      ...ofTheInstallation('identity.sessions', 'SELECT, INSERT, UPDATE (last_seen_at), DELETE'),
      ...ofTheInstallation(
        'identity.refresh_families',
        'SELECT, INSERT, UPDATE (last_used_at, revoked_at), DELETE',
      ),
      ...ofTheInstallation('identity.refresh_tokens', 'SELECT, INSERT, UPDATE (used_at), DELETE'),
      ...ofTheInstallation(
        'identity.one_time_tokens',
        'SELECT, INSERT, UPDATE (token_hash, created_at, expires_at), DELETE',
      ),
      `CREATE TABLE identity.memberships (
         tenant_id  uuid NOT NULL,
         user_id    uuid NOT NULL,
         role       text NOT NULL CHECK (role IN ('tenant_admin', 'operator', 'analyst', 'read_only')),
         state      text NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
         email      text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
         name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
         created_at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, user_id)
       )`,
      `CREATE INDEX memberships_by_age ON identity.memberships (tenant_id, created_at, user_id)`,
      `CREATE INDEX memberships_by_user ON identity.memberships (user_id)`,
      ...behindTenantWall({
        table: 'identity.memberships',
        app: ['INSERT', 'UPDATE', 'DELETE'],
        updatable: ['role', 'state', 'name'],
        routing: ['tenant_id', 'user_id', 'role', 'state'],
      }),
    ];
  }
}
