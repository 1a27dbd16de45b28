import { appendOnly, behindTenantWall, moduleSchema, SqlMigration } from '../../../../../platform/database';

/** Who can be paid, and where. */
export class Recipients1763700014000 extends SqlMigration {
  readonly name = 'Recipients1763700014000';

  statements(): string[] {
    return [...moduleSchema('recipients'), ...recipients(), ...connectedAccounts()];
  }
}

function recipients(): string[] {
  return [
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
       is_active boolean NOT NULL,
       metadata jsonb NOT NULL CHECK (jsonb_typeof(metadata) = 'object'),
       created_at timestamptz NOT NULL,
       updated_at timestamptz NOT NULL,
       PRIMARY KEY (tenant_id, id),
       CONSTRAINT recipients_external_id UNIQUE (tenant_id, external_id),
       CONSTRAINT recipients_bank_details CHECK (num_nulls(account_number, account_tail, bank_code) IN (0, 3))
     )`,
    ...behindTenantWall({
      table: 'recipients.recipients',
      app: ['INSERT', 'UPDATE'],
      updatable: [
        'type',
        'name',
        'account_number',
        'account_tail',
        'bank_code',
        'country',
        'is_active',
        'metadata',
        'updated_at',
      ],
    }),
  ];
}

function connectedAccounts(): string[] {
  return [
    `CREATE TABLE recipients.connected_accounts (
       tenant_id uuid NOT NULL,
       recipient_id uuid NOT NULL,
       stripe_account_id text NOT NULL CHECK (length(stripe_account_id) BETWEEN 1 AND 255),
       rail_account_id uuid NOT NULL,
       transfers_capability text NOT NULL CHECK (transfers_capability IN ('active', 'pending', 'inactive', 'unrequested')),
       checked_at timestamptz NOT NULL,
       watched boolean NOT NULL,
       version integer NOT NULL CHECK (version >= 1),
       PRIMARY KEY (tenant_id, recipient_id),
       CONSTRAINT connected_accounts_stripe_account UNIQUE (tenant_id, stripe_account_id),
       FOREIGN KEY (tenant_id, recipient_id) REFERENCES recipients.recipients (tenant_id, id)
     )`,
    `CREATE INDEX connected_accounts_watched ON recipients.connected_accounts (tenant_id, checked_at) WHERE watched`,
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
    ...appendOnly('recipients.connected_account_changes'),
    ...behindTenantWall({
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
    ...behindTenantWall({ table: 'recipients.connected_account_changes', app: ['INSERT'] }),
  ];
}
