import { behindTenantWall, SqlMigration } from '../../../../../platform/database';

/** Connected accounts on their way: a row before each call, so that a lost answer never opens a second one. */
export class AccountOpenings1763740012000 extends SqlMigration {
  readonly name = 'AccountOpenings1763740012000';

  statements(): string[] {
    return [
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
         call_kind text CHECK (call_kind IN ('create', 'look_up')),
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
      `CREATE UNIQUE INDEX account_openings_one_open ON recipients.account_openings (tenant_id, recipient_id) WHERE state = 'open'`,
      ...behindTenantWall({
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
  }
}
