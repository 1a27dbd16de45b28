import {
  APP,
  appendOnly,
  moduleSchema,
  OWNER,
  SqlMigration,
  SYSTEM,
  tenantRowSecurity,
} from '../../../../../platform/database';

/**
 * The hash index is not unique on purpose: two equal hashes of 238 random bits do not happen, and a unique
 * violation across tenants would be the only way to learn that another tenant has a key. Rotation keeps the
 * row and adds the previous hash: id, usage, limits and history stay with the key.
 */
const API_KEYS = [
  `CREATE TABLE identity.api_keys (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
     prefix text NOT NULL CHECK (prefix ~ '^dk_[A-Za-z0-9]{8}$'),
     secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
     previous_hash bytea CHECK (length(previous_hash) = 32),
     previous_until timestamptz,
     rotated_at timestamptz,
     scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
     rate_limit_per_minute int CHECK (rate_limit_per_minute > 0),
     expires_at timestamptz CHECK (isfinite(expires_at)),
     revoked_at timestamptz,
     created_by_kind text NOT NULL DEFAULT 'system' CHECK (created_by_kind IN ('api_key', 'user', 'system')),
     created_by_id uuid,
     created_by_name text NOT NULL DEFAULT 'command line',
     actor_chain uuid[] NOT NULL DEFAULT '{}',
     usage_count bigint NOT NULL DEFAULT 0 CHECK (usage_count >= 0),
     last_used_at timestamptz,
     created_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, id),
     CHECK ((created_by_kind = 'system') = (created_by_id IS NULL)),
     CHECK ((previous_hash IS NULL) = (previous_until IS NULL))
   )`,
  `CREATE INDEX api_keys_by_hash ON identity.api_keys (secret_hash)`,
  `CREATE INDEX api_keys_by_previous_hash ON identity.api_keys (previous_hash)
    WHERE previous_hash IS NOT NULL`,
  `CREATE INDEX api_keys_by_actor_chain ON identity.api_keys USING gin (actor_chain) WHERE revoked_at IS NULL`,
  // For the limit of usable keys per tenant.
  `CREATE INDEX api_keys_usable ON identity.api_keys (tenant_id, coalesce(expires_at, 'infinity'))
     WHERE revoked_at IS NULL`,
  ...tenantRowSecurity({ table: 'identity.api_keys', app: ['INSERT'] }),
  `GRANT UPDATE (
     prefix, secret_hash, previous_hash, previous_until, rotated_at, revoked_at, actor_chain, usage_count,
       last_used_at
   ) ON identity.api_keys TO ${APP}`,
];

/**
 * Functions of the system: it has no right on the table, and each of these returns as little as its caller
 * needs.
 */
const systemFunction = (signature: string): string[] => [
  `REVOKE ALL ON FUNCTION ${signature} FROM PUBLIC`,
  `GRANT EXECUTE ON FUNCTION ${signature} TO ${SYSTEM}`,
];

const KEY_FUNCTIONS = [
  `CREATE FUNCTION identity.find_api_key(hash bytea) RETURNS TABLE (tenant_id uuid, id uuid)
   LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
   AS $$ SELECT k.tenant_id, k.id FROM identity.api_keys k WHERE k.secret_hash = hash
     OR k.previous_hash = hash $$`,
  ...systemFunction('identity.find_api_key(bytea)'),
  `CREATE FUNCTION identity.scopes_of_usable_key(tenant uuid, key uuid) RETURNS TABLE (scopes text[])
   LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
   AS $$ SELECT k.scopes FROM identity.api_keys k
          WHERE k.tenant_id = tenant AND k.id = key
            AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()) $$`,
  ...systemFunction('identity.scopes_of_usable_key(uuid, uuid)'),
];

const USABLE = `k.revoked_at IS NULL AND coalesce(k.expires_at, 'infinity') > now()`;

/**
 * When a user loses access, the keys derived from them are revoked in the same transaction. Only usable keys
 * count: a tenant has a limited number of them. Without this a user could create expiring keys until their
 * removal no longer fits into one transaction.
 */
const DERIVED_KEYS = [
  `CREATE FUNCTION identity.tenants_of_derived_keys(actor uuid) RETURNS TABLE (tenant_id uuid)
   LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
   AS $$ SELECT DISTINCT k.tenant_id FROM identity.api_keys k WHERE ${USABLE}
     AND k.actor_chain @> ARRAY[actor] $$`,
  ...systemFunction('identity.tenants_of_derived_keys(uuid)'),
  `CREATE FUNCTION identity.lock_derived_keys(actor uuid)
   RETURNS TABLE (tenant_id uuid, id uuid, name text, prefix text, scopes text[])
   LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
   AS $$ SELECT k.tenant_id, k.id, k.name, k.prefix, k.scopes FROM identity.api_keys k
          WHERE ${USABLE} AND k.actor_chain @> ARRAY[actor] ORDER BY k.tenant_id, k.id FOR NO KEY UPDATE $$`,
  ...systemFunction('identity.lock_derived_keys(uuid)'),
  `CREATE FUNCTION identity.revoke_derived_keys(actor uuid, keys uuid[]) RETURNS TABLE (tenant_id uuid,
    id uuid)
   LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
   AS $$ UPDATE identity.api_keys k SET revoked_at = now()
          WHERE k.revoked_at IS NULL AND k.actor_chain @> ARRAY[actor] AND k.id = ANY(keys)
            RETURNING k.tenant_id, k.id $$`,
  ...systemFunction('identity.revoke_derived_keys(uuid, uuid[])'),
];

/**
 * The application's login has no privilege and no policy on these tables: a request of a tenant cannot read
 * which users the installation has. The system gets the listed columns only.
 */
const ofTheInstallation = (table: string, rights: string): string[] => [
  `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY system_manages ON ${table} TO ${SYSTEM} USING (true) WITH CHECK (true)`,
  `CREATE POLICY owner_migrates ON ${table} TO ${OWNER} USING (true) WITH CHECK (true)`,
  `GRANT ${rights} ON ${table} TO ${SYSTEM}`,
];

const USERS = [
  `CREATE TABLE identity.users (
     id uuid PRIMARY KEY,
     email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
     email_folded text NOT NULL UNIQUE CHECK (length(email_folded) BETWEEN 3 AND 1000),
     name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
     password_hash text CHECK (password_hash LIKE '$argon2id$%'),
     is_platform_admin boolean NOT NULL DEFAULT false,
     is_active boolean NOT NULL DEFAULT true,
     created_at timestamptz NOT NULL DEFAULT now()
   )`,
  `CREATE INDEX users_by_age ON identity.users (created_at, id)`,
  ...ofTheInstallation(
    'identity.users',
    `SELECT (id, email, email_folded, name, password_hash, is_platform_admin, is_active, created_at),
     INSERT (id, email, email_folded, name),
     UPDATE (name, password_hash, is_platform_admin, is_active)`,
  ),
];

const SESSIONS = [
  `CREATE TABLE identity.sessions (
     id uuid PRIMARY KEY,
     user_id uuid NOT NULL REFERENCES identity.users (id),
     token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
     idle_s int NOT NULL CHECK (idle_s > 0),
     created_at timestamptz NOT NULL DEFAULT now(),
     last_seen_at timestamptz NOT NULL DEFAULT now(),
     expires_at timestamptz NOT NULL
   )`,
  `CREATE INDEX sessions_by_user ON identity.sessions (user_id)`,
  ...ofTheInstallation(
    'identity.sessions',
    `SELECT (id, user_id, token_hash, idle_s, last_seen_at, expires_at),
     INSERT (id, user_id, token_hash, idle_s, expires_at),
     UPDATE (last_seen_at),
     DELETE`,
  ),
];

/**
 * The system deletes ended families and none that is in use: as long as a family is in use, its used tokens
 * are how a copied token is recognised.
 */
const REFRESH_TOKENS = [
  `CREATE TABLE identity.refresh_families (
     id uuid PRIMARY KEY,
     user_id uuid NOT NULL REFERENCES identity.users (id),
     chosen_tenant uuid,
     idle_s int NOT NULL CHECK (idle_s > 0),
     created_at timestamptz NOT NULL DEFAULT now(),
     last_used_at timestamptz NOT NULL DEFAULT now(),
     expires_at timestamptz NOT NULL,
     revoked_at timestamptz
   )`,
  `CREATE INDEX refresh_families_by_user ON identity.refresh_families (user_id)`,
  ...ofTheInstallation(
    'identity.refresh_families',
    `SELECT (id, user_id, chosen_tenant, idle_s, last_used_at, expires_at, revoked_at),
     INSERT (id, user_id, chosen_tenant, idle_s, expires_at),
     UPDATE (last_used_at, revoked_at),
     DELETE`,
  ),
  `CREATE POLICY only_ended_families ON identity.refresh_families AS RESTRICTIVE FOR DELETE TO ${SYSTEM}
     USING (least(revoked_at, expires_at, last_used_at + make_interval(secs => idle_s)) <= now())`,
  `CREATE TABLE identity.refresh_tokens (
     token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
     family_id uuid NOT NULL REFERENCES identity.refresh_families (id) ON DELETE CASCADE,
     created_at timestamptz NOT NULL DEFAULT now(),
     used_at timestamptz
   )`,
  `CREATE INDEX refresh_tokens_by_family ON identity.refresh_tokens (family_id)`,
  ...ofTheInstallation(
    'identity.refresh_tokens',
    `SELECT (token_hash, family_id, used_at),
     INSERT (token_hash, family_id),
     UPDATE (used_at)`,
  ),
];

/**
 * Invitations and password resets, with the tenant that requested each (none for the installation's own), the
 * requester of that tenant, who is checked again when the token is used, and the role of its user there at
 * that time.
 */
const ONE_TIME_TOKENS = [
  `CREATE TABLE identity.one_time_tokens (
     id uuid PRIMARY KEY,
     user_id uuid NOT NULL REFERENCES identity.users (id),
     purpose text NOT NULL CHECK (purpose IN ('invitation', 'password_reset')),
     invited_to uuid,
     requested_by uuid,
     granted_role text,
     requester_kind text CHECK (requester_kind IN ('user', 'api_key')),
     requester_id uuid,
     token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
     created_at timestamptz NOT NULL DEFAULT now(),
     expires_at timestamptz NOT NULL,
     CHECK (expires_at <= created_at +
       CASE purpose WHEN 'password_reset' THEN interval '1 hour' ELSE interval '7 days' END),
     CONSTRAINT one_time_tokens_reset_is_requested CHECK (purpose <> 'password_reset' OR
       (requested_by IS NOT NULL AND granted_role IS NOT NULL)),
     CONSTRAINT one_time_tokens_requester_is_named CHECK (
       (requested_by IS NULL) = (requester_kind IS NULL) AND (requested_by IS NULL) = (requester_id IS NULL)),
     UNIQUE NULLS NOT DISTINCT (user_id, purpose, invited_to)
   )`,
  ...ofTheInstallation(
    'identity.one_time_tokens',
    `SELECT (id, user_id, purpose, invited_to, requested_by, granted_role, requester_kind, requester_id,
             token_hash, created_at, expires_at),
     INSERT (id, user_id, purpose, invited_to, requested_by, granted_role, requester_kind, requester_id, token_hash,
       expires_at),
     UPDATE (requested_by, granted_role, requester_kind, requester_id, token_hash, created_at, expires_at),
     DELETE`,
  ),
];

/**
 * An invitation is used in the transaction of its tenant, with the application's login: the function finds
 * the one with this hash in this tenant only, and none of a disabled user. A reset of the same user's
 * password locks the user and waits for this transaction, or came first and deleted the invitation.
 */
const TAKE_INVITATION = [
  `CREATE FUNCTION identity.take_invitation(hash bytea) RETURNS TABLE (id uuid)
   LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
   AS $$
     WITH locked AS MATERIALIZED (
       SELECT t.id, u.id AS user_id FROM identity.one_time_tokens t JOIN identity.users u ON u.id = t.user_id
        WHERE t.token_hash = hash AND t.purpose = 'invitation'
          AND t.invited_to = current_setting('app.tenant_id')::uuid AND u.is_active FOR SHARE OF u
     )
     DELETE FROM identity.one_time_tokens t USING locked
      WHERE t.id = locked.id AND t.token_hash = hash AND t.expires_at > clock_timestamp() RETURNING locked.user_id
   $$`,
  `REVOKE ALL ON FUNCTION identity.take_invitation(bytea) FROM PUBLIC`,
  `GRANT EXECUTE ON FUNCTION identity.take_invitation(bytea) TO ${APP}`,
];

/**
 * Who did what to which user at the level of the installation; an act without a tenant has no tenant's audit
 * log.
 */
const INSTALLATION_LOG = [
  `CREATE TABLE identity.installation_log (
     id uuid PRIMARY KEY,
     at timestamptz NOT NULL DEFAULT now(),
     actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'system')),
     actor_id uuid,
     actor_name text NOT NULL,
     request_id text,
     address text,
     action text NOT NULL CHECK (action ~ '^user\\.[a-z_]+$'),
     user_id uuid NOT NULL REFERENCES identity.users (id),
     CHECK ((actor_kind = 'system') = (actor_id IS NULL))
   )`,
  `CREATE INDEX installation_log_by_user ON identity.installation_log (user_id, id)`,
  `CREATE INDEX installation_log_by_actor ON identity.installation_log (actor_id, id)`,
  ...ofTheInstallation(
    'identity.installation_log',
    'SELECT, INSERT (id, actor_kind, actor_id, actor_name, request_id, address, action, user_id)',
  ),
  ...appendOnly('identity.installation_log'),
];

/**
 * A membership has the tenant's own name and address of a user: whether and under which name the user is a
 * member elsewhere is no tenant's business. The system reads `name` to record it in that tenant's audit log,
 * and `created_at` because it decides what the member may approve.
 */
const MEMBERSHIPS = [
  `CREATE TABLE identity.memberships (
     tenant_id uuid NOT NULL,
     user_id uuid NOT NULL,
     role text NOT NULL CHECK (role IN ('tenant_admin', 'operator', 'analyst', 'read_only')),
     state text NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
     email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
     name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
     created_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, user_id)
   )`,
  `CREATE INDEX memberships_by_age ON identity.memberships (tenant_id, created_at, user_id)`,
  `CREATE INDEX memberships_by_user ON identity.memberships (user_id)`,
  ...tenantRowSecurity({
    table: 'identity.memberships',
    app: ['INSERT', 'UPDATE', 'DELETE'],
    updatable: ['role', 'state', 'name'],
    routing: ['tenant_id', 'user_id', 'role', 'state', 'name', 'created_at'],
  }),
];

/** API keys, users with their sessions and tokens, and the memberships of users in tenants. */
export class Identity1764000020000 extends SqlMigration {
  readonly name = 'Identity1764000020000';

  statements(): string[] {
    return [
      ...moduleSchema('identity'),
      ...API_KEYS,
      ...KEY_FUNCTIONS,
      ...DERIVED_KEYS,
      ...USERS,
      ...SESSIONS,
      ...REFRESH_TOKENS,
      ...ONE_TIME_TOKENS,
      ...TAKE_INVITATION,
      ...INSTALLATION_LOG,
      ...MEMBERSHIPS,
    ];
  }
}
