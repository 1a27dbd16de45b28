import {
  APP,
  appendOnly,
  moduleSchema,
  SqlMigration,
  tenantRowSecurity,
} from '../../../../../platform/database';

/** `default_payment_method` applies where the payment names none; null until one is chosen. */
const RECIPIENTS = [
  `CREATE TABLE recipients.recipients (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     type text NOT NULL CHECK (type IN ('INDIVIDUAL', 'BUSINESS')),
     name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
     account_number text,
     account_tail text CHECK (length(account_tail) <= 4),
     bank_code text CHECK (length(bank_code) BETWEEN 2 AND 35),
     country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
     external_id text CHECK (length(external_id) BETWEEN 1 AND 255),
     default_payment_method text
       CHECK (default_payment_method IN ('manual_bank_transfer', 'stripe_connected_account')),
     is_active boolean NOT NULL,
     metadata jsonb NOT NULL CHECK (jsonb_typeof(metadata) = 'object'),
     created_at timestamptz NOT NULL,
     updated_at timestamptz NOT NULL,
     PRIMARY KEY (tenant_id, id),
     CONSTRAINT recipients_external_id UNIQUE (tenant_id, external_id),
     CONSTRAINT recipients_bank_details CHECK (num_nulls(account_number, account_tail, bank_code) IN (0, 3))
   )`,
  ...tenantRowSecurity({
    table: 'recipients.recipients',
    app: ['INSERT', 'UPDATE'],
    updatable: [
      'type',
      'name',
      'account_number',
      'account_tail',
      'bank_code',
      'country',
      'default_payment_method',
      'is_active',
      'metadata',
      'updated_at',
    ],
  }),
  `CREATE INDEX recipients_by_name ON recipients.recipients (tenant_id, name, id)`,
  `CREATE INDEX recipients_by_bank_code ON recipients.recipients (tenant_id, bank_code, id)
     WHERE bank_code IS NOT NULL`,
  `CREATE INDEX recipients_by_creation ON recipients.recipients (tenant_id, created_at)`,
];

/**
 * Finds recipients by a part of their name or external id, combined with the other filters (docs/adr/0030).
 * LIKE is not leakproof: under row-level security it would never use the index. So this function bypasses
 * row-level security and restricts the tenant itself: it reads the tenant from the setting, which its callers
 * cannot pass, and returns ids only. Every filter is in here, because a page of the first matches could miss
 * what the filters select. Nor are statistics used for LIKE under row-level security: the planner takes any
 * text of three letters for frequent and would read all recipients from the newest on. MATERIALIZED makes it
 * use the index.
 */
const SEARCH = [
  // Both are trusted extensions: a role that may create in the database may create them.
  'CREATE EXTENSION IF NOT EXISTS pg_trgm',
  'CREATE EXTENSION IF NOT EXISTS btree_gin',
  `CREATE INDEX recipients_search ON recipients.recipients
     USING gin (tenant_id, name gin_trgm_ops, external_id gin_trgm_ops)`,
  `CREATE FUNCTION recipients.search_recipients(
     pattern text, filters jsonb, past uuid, backwards boolean, take integer) RETURNS TABLE (id uuid)
   LANGUAGE plpgsql STABLE SECURITY DEFINER
   SET search_path = pg_catalog SET plan_cache_mode = force_custom_plan AS $$
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

const CONNECTED_ACCOUNTS = [
  `CREATE TABLE recipients.connected_accounts (
     tenant_id uuid NOT NULL,
     recipient_id uuid NOT NULL,
     stripe_account_id text NOT NULL CHECK (length(stripe_account_id) BETWEEN 1 AND 255),
     rail_account_id uuid NOT NULL,
     transfers_capability text NOT NULL
       CHECK (transfers_capability IN ('active', 'pending', 'inactive', 'unrequested')),
     checked_at timestamptz NOT NULL,
     watched boolean NOT NULL,
     version integer NOT NULL CHECK (version >= 1),
     PRIMARY KEY (tenant_id, recipient_id),
     CONSTRAINT connected_accounts_stripe_account UNIQUE (tenant_id, stripe_account_id),
     FOREIGN KEY (tenant_id, recipient_id) REFERENCES recipients.recipients (tenant_id, id)
   )`,
  `CREATE INDEX connected_accounts_watched ON recipients.connected_accounts (tenant_id, checked_at)
    WHERE watched`,
  ...tenantRowSecurity({
    table: 'recipients.connected_accounts',
    app: ['INSERT', 'UPDATE'],
    updatable: [
      'stripe_account_id',
      'rail_account_id',
      'transfers_capability',
      'checked_at',
      'watched',
      'version',
    ],
    routing: ['tenant_id', 'recipient_id', 'watched', 'checked_at'],
  }),
  `CREATE TABLE recipients.connected_account_changes (
     tenant_id uuid NOT NULL,
     recipient_id uuid NOT NULL,
     version integer NOT NULL CHECK (version >= 1),
     stripe_account_id text NOT NULL,
     previous_stripe_account_id text,
     actor text NOT NULL CHECK (actor <> ''),
     changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     PRIMARY KEY (tenant_id, recipient_id, version),
     FOREIGN KEY (tenant_id, recipient_id) REFERENCES recipients.recipients (tenant_id, id)
   )`,
  ...tenantRowSecurity({ table: 'recipients.connected_account_changes', app: ['INSERT'] }),
  ...appendOnly('recipients.connected_account_changes'),
];

/**
 * Calls that create a connected account: a row before each call, so that a lost response never creates a
 * second account.
 */
const ACCOUNT_OPENINGS = [
  `CREATE TABLE recipients.account_openings (
     tenant_id uuid NOT NULL,
     recipient_id uuid NOT NULL,
     generation integer NOT NULL CHECK (generation >= 1),
     rail_account_id uuid NOT NULL,
     key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
     api_version text NOT NULL,
     country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
     type text NOT NULL CHECK (type IN ('INDIVIDUAL', 'BUSINESS')),
     metadata jsonb NOT NULL CHECK (jsonb_typeof(metadata) = 'object'),
     state text NOT NULL CHECK (state IN ('open', 'opened', 'refused', 'empty')),
     calls integer NOT NULL CHECK (calls >= 0),
     call_kind text CHECK (call_kind IN ('send', 'look_up')),
     first_sent_at timestamptz,
     last_sent_at timestamptz,
     lease_token uuid,
     lease_until timestamptz,
     ambiguous boolean NOT NULL,
     server_errors integer NOT NULL CHECK (server_errors >= 0),
     look_up_empty_at timestamptz,
     stripe_account_id text CHECK (length(stripe_account_id) BETWEEN 1 AND 255),
     reason text,
     provider_code text,
     provider_request_id text,
     created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     PRIMARY KEY (tenant_id, recipient_id, generation),
     CONSTRAINT account_openings_key UNIQUE (tenant_id, key),
     FOREIGN KEY (tenant_id, recipient_id) REFERENCES recipients.recipients (tenant_id, id),
     CHECK (num_nulls(lease_token, lease_until) IN (0, 2)),
     CHECK ((state = 'opened') = (stripe_account_id IS NOT NULL)),
     CHECK (state = 'open' OR NOT ambiguous)
   )`,
  `CREATE UNIQUE INDEX account_openings_one_open ON recipients.account_openings (tenant_id, recipient_id)
     WHERE state = 'open'`,
  ...tenantRowSecurity({
    table: 'recipients.account_openings',
    app: ['INSERT', 'UPDATE'],
    updatable: [
      'state',
      'calls',
      'call_kind',
      'first_sent_at',
      'last_sent_at',
      'lease_token',
      'lease_until',
      'ambiguous',
      'server_errors',
      'look_up_empty_at',
      'stripe_account_id',
      'reason',
      'provider_code',
      'provider_request_id',
    ],
  }),
];

/** Who can be paid, and on which account. */
export class Recipients1764000050000 extends SqlMigration {
  readonly name = 'Recipients1764000050000';

  statements(): string[] {
    return [
      ...moduleSchema('recipients'),
      ...RECIPIENTS,
      ...SEARCH,
      ...CONNECTED_ACCOUNTS,
      ...ACCOUNT_OPENINGS,
    ];
  }
}
