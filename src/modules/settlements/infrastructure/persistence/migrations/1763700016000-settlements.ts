import { appendOnly, behindTenantWall, moduleSchema, SqlMigration } from '../../../../../platform/database';

/** The largest amount the provider takes, in minor units (kernel/money MINOR_MAX). */
const MINOR_MAX = 9_999_999_999_999;
const ORDER_MAX = 2_147_483_648;

/** Settlements, their awards, the job of each, and what is still arriving by stream. */
export class Settlements1763700016000 extends SqlMigration {
  readonly name = 'Settlements1763700016000';

  statements(): string[] {
    return [...moduleSchema('settlements'), ...settlements(), ...awards(), ...payoutJobs(), ...intakes()];
  }
}

function settlements(): string[] {
  return [
    `CREATE TABLE settlements.settlements (
       tenant_id uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (tenant_id, id),
       contest_id text NOT NULL CHECK (length(contest_id) BETWEEN 1 AND 200),
       currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
       pool_minor bigint NOT NULL CHECK (pool_minor BETWEEN 1 AND ${MINOR_MAX}),
       platform_share_minor bigint NOT NULL CHECK (platform_share_minor >= 0),
       remainder_minor bigint NOT NULL CHECK (remainder_minor >= 0),
       allow_remainder boolean NOT NULL,
       rail text NOT NULL CHECK (rail IN ('stripe', 'manual')),
       state text NOT NULL CHECK (state IN ('checking', 'recording', 'recorded', 'rejected', 'cancelling', 'cancelled', 'expanding', 'expanded')),
       award_count int NOT NULL CHECK (award_count >= 0),
       awards_minor bigint NOT NULL CHECK (awards_minor >= 0),
       recorded_through int NOT NULL CHECK (recorded_through BETWEEN 0 AND award_count),
       reversed_through int NOT NULL CHECK (reversed_through BETWEEN 0 AND recorded_through),
       result_hash text CHECK (result_hash ~ '^[0-9a-f]{64}$'),
       exclusions jsonb NOT NULL, rejection jsonb,
       created_by text NOT NULL, created_at timestamptz NOT NULL, recorded_at timestamptz,
       cancelled_by text, cancelled_at timestamptz, cancel_reason text CHECK (cancel_reason <> ''),
       due_at timestamptz NOT NULL DEFAULT now(), failures int NOT NULL DEFAULT 0, last_failure text,
       CONSTRAINT settlements_conservation CHECK (state IN ('checking', 'rejected')
         OR (award_count > 0 AND result_hash IS NOT NULL AND awards_minor + platform_share_minor + remainder_minor = pool_minor)),
       CONSTRAINT settlements_remainder CHECK (allow_remainder OR remainder_minor = 0),
       CONSTRAINT settlements_rejection CHECK ((state = 'rejected') = (rejection IS NOT NULL)),
       CONSTRAINT settlements_recorded CHECK (state IN ('checking', 'rejected', 'recording') OR (recorded_through = award_count AND recorded_at IS NOT NULL)),
       CONSTRAINT settlements_cancelled CHECK ((state IN ('cancelling', 'cancelled')) = (cancelled_at IS NOT NULL AND cancelled_by IS NOT NULL AND cancel_reason IS NOT NULL)),
       CONSTRAINT settlements_reversed CHECK (state = 'cancelling' OR reversed_through = CASE state WHEN 'cancelled' THEN award_count ELSE 0 END)
     )`,
    // A contest is held by one settlement; a rejected or cancelled one lets it go, so that it can be recorded rightly.
    `CREATE UNIQUE INDEX settlements_contest ON settlements.settlements (tenant_id, contest_id) WHERE state NOT IN ('checking', 'rejected', 'cancelled')`,
    `CREATE INDEX settlements_by_contest ON settlements.settlements (tenant_id, contest_id, id)`,
    `CREATE INDEX settlements_by_state ON settlements.settlements (tenant_id, state, id)`,
    `CREATE INDEX settlements_due ON settlements.settlements (tenant_id, due_at, id) WHERE state NOT IN ('rejected', 'cancelled', 'expanded')`,
    ...behindTenantWall({
      table: 'settlements.settlements',
      app: ['INSERT', 'UPDATE'],
      // Never what was agreed: contest, currency, pool, platform share.
      updatable: [
        'state',
        'remainder_minor',
        'award_count',
        'awards_minor',
        'recorded_through',
        'reversed_through',
        'result_hash',
        'rejection',
        'recorded_at',
        'cancelled_by',
        'cancelled_at',
        'cancel_reason',
        'due_at',
        'failures',
        'last_failure',
      ],
      routing: ['tenant_id', 'id', 'state', 'due_at'],
    }),
  ];
}

function awards(): string[] {
  return [
    `CREATE TABLE settlements.awards (
       tenant_id uuid NOT NULL, settlement_id uuid NOT NULL, position int NOT NULL CHECK (position >= 0), PRIMARY KEY (tenant_id, settlement_id, position),
       FOREIGN KEY (tenant_id, settlement_id) REFERENCES settlements.settlements (tenant_id, id),
       id uuid NOT NULL, recipient_id uuid NOT NULL,
       amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 1 AND ${MINOR_MAX}),
       rank int CHECK (rank >= 1),
       explanation jsonb
     )`,
    `CREATE UNIQUE INDEX awards_payee ON settlements.awards (tenant_id, settlement_id, recipient_id)`,
    ...appendOnly('settlements.awards'),
    ...behindTenantWall({ table: 'settlements.awards', app: ['INSERT'] }),
  ];
}

function payoutJobs(): string[] {
  return [
    `CREATE TABLE settlements.payout_jobs (
       tenant_id uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (tenant_id, id),
       settlement_id uuid NOT NULL,
       FOREIGN KEY (tenant_id, settlement_id) REFERENCES settlements.settlements (tenant_id, id),
       rail_account_id uuid NOT NULL,
       status text NOT NULL CHECK (status IN ('pending', 'expanding', 'processing', 'complete')),
       expanded_through int NOT NULL CHECK (expanded_through BETWEEN 0 AND total),
       total int NOT NULL CHECK (total > 0),
       created_at timestamptz NOT NULL, started_at timestamptz, completed_at timestamptz,
       checked_at timestamptz NOT NULL DEFAULT now(),
       CONSTRAINT payout_jobs_expanded CHECK ((status IN ('processing', 'complete')) = (expanded_through = total)),
       CONSTRAINT payout_jobs_started CHECK ((status = 'pending') = (started_at IS NULL)),
       CONSTRAINT payout_jobs_completed CHECK ((status = 'complete') = (completed_at IS NOT NULL))
     )`,
    `CREATE UNIQUE INDEX payout_jobs_settlement ON settlements.payout_jobs (tenant_id, settlement_id)`,
    `CREATE INDEX payout_jobs_by_status ON settlements.payout_jobs (tenant_id, status, id)`,
    `CREATE INDEX payout_jobs_unfinished ON settlements.payout_jobs (tenant_id, checked_at, id) WHERE status = 'processing'`,
    ...behindTenantWall({
      table: 'settlements.payout_jobs',
      app: ['INSERT', 'UPDATE'],
      updatable: ['status', 'expanded_through', 'started_at', 'completed_at', 'checked_at'],
      routing: ['tenant_id', 'id', 'rail_account_id', 'status', 'checked_at'],
    }),
  ];
}

/**
 * The primary key of the lines is the canonical order of a plan (rank, those without one last, then payee), so that the
 * checks and the chunks read them in order without sorting a million rows.
 */
function intakes(): string[] {
  return [
    `CREATE TABLE settlements.intakes (
       tenant_id uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (tenant_id, id),
       state text NOT NULL CHECK (state IN ('receiving', 'received', 'discarded')),
       touched_at timestamptz NOT NULL DEFAULT now()
     )`,
    `CREATE TABLE settlements.intake_lines (
       tenant_id uuid NOT NULL, intake_id uuid NOT NULL,
       rank_order bigint NOT NULL CHECK (rank_order BETWEEN 1 AND ${ORDER_MAX}),
       recipient_id uuid NOT NULL, line int NOT NULL CHECK (line >= 1),
       PRIMARY KEY (tenant_id, intake_id, rank_order, recipient_id, line),
       amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 1 AND ${MINOR_MAX})
     )`,
    `CREATE INDEX intakes_by_state ON settlements.intakes (state, touched_at)`,
    ...behindTenantWall({
      table: 'settlements.intakes',
      app: ['INSERT', 'UPDATE', 'DELETE'],
      updatable: ['state', 'touched_at'],
      routing: ['tenant_id', 'id', 'state', 'touched_at'],
    }),
    ...behindTenantWall({ table: 'settlements.intake_lines', app: ['INSERT', 'DELETE'] }),
  ];
}
