import {
  appendOnly,
  moduleSchema,
  SqlMigration,
  SYSTEM,
  tenantRowSecurity,
} from '../../../../../platform/database';

const RAIL_ACCOUNTS = [
  `CREATE TABLE connections.rail_accounts (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     rail text NOT NULL CHECK (rail IN ('stripe', 'manual')),
     provider_account_id text CHECK (length(provider_account_id) BETWEEN 1 AND 255),
     mode text NOT NULL CHECK (mode IN ('test', 'live')),
     secret_key text,
     status text NOT NULL CHECK (status IN ('active', 'paused')),
     paused_reason text,
     paused_by text,
     paused_at timestamptz,
     created_at timestamptz NOT NULL,
     PRIMARY KEY (tenant_id, id),
     CONSTRAINT rail_accounts_one_per_rail UNIQUE (tenant_id, rail),
     CONSTRAINT rail_accounts_provider CHECK ((rail = 'stripe') =
       (provider_account_id IS NOT NULL AND secret_key IS NOT NULL)),
     CONSTRAINT rail_accounts_paused CHECK ((status = 'paused') =
       (paused_reason IS NOT NULL AND paused_by IS NOT NULL AND paused_at IS NOT NULL))
   )`,
  // Unique over all tenants: two tenants with one account would pay from the same money, and both ledgers would
  // still balance.
  `CREATE UNIQUE INDEX rail_accounts_provider_account ON connections.rail_accounts (provider_account_id)`,
  ...tenantRowSecurity({
    table: 'connections.rail_accounts',
    app: ['INSERT', 'UPDATE'],
    updatable: ['secret_key', 'status', 'paused_reason', 'paused_by', 'paused_at'],
    routing: ['tenant_id', 'id', 'rail', 'status'],
  }),
];

const RAIL_ACCOUNT_CHANGES = [
  `CREATE TABLE connections.rail_account_changes (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     rail_account_id uuid NOT NULL,
     kind text NOT NULL CHECK (kind IN ('connected', 'key_replaced', 'paused', 'resumed')),
     reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
     actor text NOT NULL CHECK (actor <> ''),
     changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     PRIMARY KEY (tenant_id, id),
     FOREIGN KEY (tenant_id, rail_account_id) REFERENCES connections.rail_accounts (tenant_id, id)
   )`,
  ...tenantRowSecurity({ table: 'connections.rail_account_changes', app: ['INSERT'] }),
  ...appendOnly('connections.rail_account_changes'),
];

const WEBHOOK_ENDPOINTS = [
  `CREATE TABLE connections.webhook_endpoints (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     rail_account_id uuid NOT NULL,
     family text NOT NULL CHECK (family IN ('account', 'connect')),
     secret text NOT NULL,
     previous_secret text,
     created_at timestamptz NOT NULL,
     PRIMARY KEY (tenant_id, id),
     FOREIGN KEY (tenant_id, rail_account_id) REFERENCES connections.rail_accounts (tenant_id, id)
   )`,
  `CREATE UNIQUE INDEX webhook_endpoints_address ON connections.webhook_endpoints (id)`,
  ...tenantRowSecurity({
    table: 'connections.webhook_endpoints',
    app: ['INSERT', 'UPDATE'],
    updatable: ['secret', 'previous_secret'],
  }),
  `CREATE FUNCTION connections.find_webhook_endpoint(endpoint uuid) RETURNS TABLE (tenant_id uuid, id uuid)
   LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
     SELECT e.tenant_id, e.id FROM connections.webhook_endpoints e WHERE e.id = endpoint
   $$`,
  `REVOKE ALL ON FUNCTION connections.find_webhook_endpoint(uuid) FROM PUBLIC`,
  `GRANT EXECUTE ON FUNCTION connections.find_webhook_endpoint(uuid) TO ${SYSTEM}`,
];

const PROVIDER_EVENTS = [
  `CREATE TABLE connections.provider_events (
     tenant_id uuid NOT NULL,
     endpoint_id uuid NOT NULL,
     provider_event_id text NOT NULL CHECK (length(provider_event_id) BETWEEN 1 AND 255),
     type text NOT NULL CHECK (length(type) BETWEEN 1 AND 255),
     object_id text NOT NULL CHECK (length(object_id) <= 255),
     account text CHECK (length(account) <= 255),
     livemode boolean NOT NULL,
     unmatched_reason text
       CHECK (unmatched_reason IN ('other_mode', 'other_account', 'other_tenant', 'type_not_used')),
     provider_created_at timestamptz NOT NULL,
     received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     PRIMARY KEY (tenant_id, endpoint_id, provider_event_id),
     FOREIGN KEY (tenant_id, endpoint_id) REFERENCES connections.webhook_endpoints (tenant_id, id)
   )`,
  ...tenantRowSecurity({ table: 'connections.provider_events', app: ['INSERT'] }),
  ...appendOnly('connections.provider_events'),
];

const FUNDING = [
  `CREATE TABLE connections.funding_facts (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     rail_account_id uuid NOT NULL,
     source text NOT NULL CHECK (source IN ('provider', 'operator')),
     reference text NOT NULL CHECK (length(reference) BETWEEN 1 AND 255),
     direction text NOT NULL CHECK (direction IN ('in', 'out')),
     amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 1 AND 9999999999999),
     currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
     reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
     actor text NOT NULL CHECK (actor <> ''),
     recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     PRIMARY KEY (tenant_id, id),
     CONSTRAINT funding_facts_reference UNIQUE (tenant_id, rail_account_id, reference),
     FOREIGN KEY (tenant_id, rail_account_id) REFERENCES connections.rail_accounts (tenant_id, id)
   )`,
  ...tenantRowSecurity({ table: 'connections.funding_facts', app: ['INSERT'] }),
  ...appendOnly('connections.funding_facts'),
  `CREATE TABLE connections.balance_snapshots (
     tenant_id uuid NOT NULL,
     rail_account_id uuid NOT NULL,
     currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
     available_minor bigint NOT NULL,
     as_of timestamptz NOT NULL,
     PRIMARY KEY (tenant_id, rail_account_id, currency),
     FOREIGN KEY (tenant_id, rail_account_id) REFERENCES connections.rail_accounts (tenant_id, id)
   )`,
  ...tenantRowSecurity({
    table: 'connections.balance_snapshots',
    app: ['INSERT', 'UPDATE'],
    updatable: ['available_minor', 'as_of'],
  }),
];

/** Rail accounts, webhook endpoints and events of the provider, and movements and balances of money there. */
export class Connections1764000040000 extends SqlMigration {
  readonly name = 'Connections1764000040000';

  statements(): string[] {
    return [
      ...moduleSchema('connections'),
      ...RAIL_ACCOUNTS,
      ...RAIL_ACCOUNT_CHANGES,
      ...WEBHOOK_ENDPOINTS,
      ...PROVIDER_EVENTS,
      ...FUNDING,
    ];
  }
}
