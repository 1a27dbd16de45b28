import {
  APP,
  appendOnly,
  moduleSchema,
  SqlMigration,
  tenantRowSecurity,
} from '../../../../../platform/database';

/**
 * Above the tenant's limit a settlement is paid only after a second actor approved it. The constraints repeat
 * the rules of the aggregate: otherwise a single wrong UPDATE would release the money. A CHECK accepts NULL, so
 * each of them says what NULL means.
 */
const SETTLEMENTS = `
  CREATE TABLE settlements.settlements (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    contest_id text NOT NULL CHECK (length(contest_id) BETWEEN 1 AND 200),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    pool_minor bigint NOT NULL CHECK (pool_minor BETWEEN 1 AND 9999999999999),
    platform_share_minor bigint NOT NULL CHECK (platform_share_minor >= 0),
    remainder_minor bigint NOT NULL CHECK (remainder_minor >= 0),
    allow_remainder boolean NOT NULL,
    rail text NOT NULL CHECK (rail IN ('stripe', 'manual')),
    state text NOT NULL CHECK (state IN (
      'checking', 'recording', 'awaiting_approval', 'recorded', 'rejected',
      'cancelling', 'cancelled', 'expanding', 'expanded')),
    award_count int NOT NULL CHECK (award_count >= 0),
    awards_minor bigint NOT NULL CHECK (awards_minor >= 0),
    recorded_through int NOT NULL CHECK (recorded_through BETWEEN 0 AND award_count),
    reversed_through int NOT NULL CHECK (reversed_through BETWEEN 0 AND recorded_through),
    result_hash text CHECK (result_hash ~ '^[0-9a-f]{64}$'),
    exclusions jsonb NOT NULL,
    rejection jsonb,
    created_by text NOT NULL,
    maker_actor_chain uuid[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    recorded_at timestamptz,
    approval_above bigint CHECK (approval_above >= 0),
    approved_by text,
    approved_actor_chain uuid[],
    approved_at timestamptz,
    approved_hash text,
    cancelled_by text,
    cancelled_at timestamptz,
    cancel_reason text CHECK (cancel_reason <> ''),
    due_at timestamptz NOT NULL DEFAULT now(),
    failures int NOT NULL DEFAULT 0,
    last_failure text,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT settlements_conservation CHECK (state IN ('checking', 'rejected') OR
      (award_count > 0 AND result_hash IS NOT NULL
       AND awards_minor + platform_share_minor + remainder_minor = pool_minor)),
    CONSTRAINT settlements_remainder CHECK (allow_remainder OR remainder_minor = 0),
    CONSTRAINT settlements_rejection CHECK ((state = 'rejected') = (rejection IS NOT NULL)),
    CONSTRAINT settlements_recorded CHECK (state IN ('checking', 'rejected', 'recording') OR
      (recorded_through = award_count AND recorded_at IS NOT NULL)),
    CONSTRAINT settlements_cancelled CHECK ((state IN ('cancelling', 'cancelled')) =
      (cancelled_at IS NOT NULL AND cancelled_by IS NOT NULL AND cancel_reason IS NOT NULL)),
    CONSTRAINT settlements_reversed CHECK (state = 'cancelling' OR
      reversed_through = CASE state WHEN 'cancelled' THEN award_count ELSE 0 END),
    CONSTRAINT settlements_awaiting CHECK (state <> 'awaiting_approval' OR
      (COALESCE(awards_minor > approval_above, false) AND approved_at IS NULL)),
    CONSTRAINT settlements_approved CHECK (state NOT IN ('recorded', 'expanding', 'expanded')
      OR NOT COALESCE(awards_minor > approval_above, false)
      OR COALESCE(approved_hash = result_hash, false)),
    CONSTRAINT settlements_approval_whole CHECK (
      num_nulls(approved_by, approved_actor_chain, approved_at, approved_hash) IN (0, 4)),
    CONSTRAINT settlements_four_eyes CHECK (approved_actor_chain IS NULL OR
      (cardinality(maker_actor_chain) > 0 AND cardinality(approved_actor_chain) > 0
        AND NOT maker_actor_chain && approved_actor_chain))
  )`;

const SETTLEMENT_ACCESS = [
  // One settlement per contest. After a rejection or cancellation the contest can be recorded again.
  `CREATE UNIQUE INDEX settlements_contest ON settlements.settlements (tenant_id, contest_id)
     WHERE state NOT IN ('checking', 'rejected', 'cancelled')`,
  `CREATE INDEX settlements_by_contest ON settlements.settlements (tenant_id, contest_id, id)`,
  `CREATE INDEX settlements_by_state ON settlements.settlements (tenant_id, state, id)`,
  `CREATE INDEX settlements_due ON settlements.settlements (tenant_id, due_at, id)
     WHERE state NOT IN ('rejected', 'cancelled', 'expanded')`,
  `CREATE INDEX settlements_awaiting_approval ON settlements.settlements (tenant_id, recorded_at, id)
     WHERE state = 'awaiting_approval'`,
  ...tenantRowSecurity({
    table: 'settlements.settlements',
    app: ['INSERT'],
    routing: ['tenant_id', 'id', 'state', 'due_at', 'recorded_at'],
  }),
  // All but contest, currency, pool, platform share, maker and rail.
  `GRANT UPDATE (
     state, remainder_minor, award_count, awards_minor, recorded_through, reversed_through, result_hash,
     rejection, recorded_at, approval_above, approved_by, approved_actor_chain, approved_at, approved_hash,
     cancelled_by, cancelled_at, cancel_reason, due_at, failures, last_failure
   ) ON settlements.settlements TO ${APP}`,
];

/** AFTER triggers, so that constraints of the row are reported first. The checks of a stream set the limit once. */
const IMMUTABLE_CONTENT = [
  `CREATE FUNCTION settlements.reject_content_change() RETURNS trigger
   LANGUAGE plpgsql SET search_path = pg_catalog AS $$
   BEGIN
     RAISE EXCEPTION 'the recorded content and the approval of settlement % cannot change', OLD.id
       USING ERRCODE = '23514', CONSTRAINT = TG_NAME;
   END $$`,
  `CREATE TRIGGER settlements_recorded_content AFTER UPDATE ON settlements.settlements FOR EACH ROW
     WHEN (OLD.state <> 'checking' AND
       (OLD.approval_above, OLD.awards_minor, OLD.remainder_minor, OLD.award_count,
         OLD.result_hash) IS DISTINCT FROM
       (NEW.approval_above, NEW.awards_minor, NEW.remainder_minor, NEW.award_count, NEW.result_hash))
     EXECUTE FUNCTION settlements.reject_content_change()`,
  // An approval can be set once, while the settlement waits for it.
  `CREATE TRIGGER settlements_one_approval AFTER UPDATE ON settlements.settlements FOR EACH ROW
     WHEN (OLD.state <> 'awaiting_approval' AND
       (OLD.approved_by, OLD.approved_actor_chain, OLD.approved_at, OLD.approved_hash) IS DISTINCT FROM
       (NEW.approved_by, NEW.approved_actor_chain, NEW.approved_at, NEW.approved_hash))
     EXECUTE FUNCTION settlements.reject_content_change()`,
];

const AWARDS = [
  `CREATE TABLE settlements.awards (
     tenant_id uuid NOT NULL,
     settlement_id uuid NOT NULL,
     position int NOT NULL CHECK (position >= 0),
     id uuid NOT NULL,
     recipient_id uuid NOT NULL,
     amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 1 AND 9999999999999),
     rank int CHECK (rank >= 1),
     explanation jsonb,
     PRIMARY KEY (tenant_id, settlement_id, position),
     FOREIGN KEY (tenant_id, settlement_id) REFERENCES settlements.settlements (tenant_id, id)
   )`,
  `CREATE UNIQUE INDEX awards_payee ON settlements.awards (tenant_id, settlement_id, recipient_id)`,
  ...tenantRowSecurity({ table: 'settlements.awards', app: ['INSERT'] }),
  ...appendOnly('settlements.awards'),
];

const PAYOUT_JOBS = [
  `CREATE TABLE settlements.payout_jobs (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     settlement_id uuid NOT NULL,
     rail_account_id uuid NOT NULL,
     status text NOT NULL CHECK (status IN ('pending', 'expanding', 'processing', 'complete')),
     expanded_through int NOT NULL CHECK (expanded_through BETWEEN 0 AND total),
     total int NOT NULL CHECK (total > 0),
     created_at timestamptz NOT NULL,
     started_at timestamptz,
     completed_at timestamptz,
     checked_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, id),
     FOREIGN KEY (tenant_id, settlement_id) REFERENCES settlements.settlements (tenant_id, id),
     CONSTRAINT payout_jobs_expanded
       CHECK ((status IN ('processing', 'complete')) = (expanded_through = total)),
     CONSTRAINT payout_jobs_started CHECK ((status = 'pending') = (started_at IS NULL)),
     CONSTRAINT payout_jobs_completed CHECK ((status = 'complete') = (completed_at IS NOT NULL))
   )`,
  `CREATE UNIQUE INDEX payout_jobs_settlement ON settlements.payout_jobs (tenant_id, settlement_id)`,
  `CREATE INDEX payout_jobs_by_status ON settlements.payout_jobs (tenant_id, status, id)`,
  `CREATE INDEX payout_jobs_unfinished ON settlements.payout_jobs (tenant_id, checked_at, id)
     WHERE status = 'processing'`,
  ...tenantRowSecurity({
    table: 'settlements.payout_jobs',
    app: ['INSERT', 'UPDATE'],
    updatable: ['status', 'expanded_through', 'started_at', 'completed_at', 'checked_at'],
    routing: ['tenant_id', 'id', 'status', 'checked_at'],
  }),
];

/**
 * Uploads by stream. The primary key of the lines is the canonical order of a plan (by rank, lines without a
 * rank last, then by recipient), so that checks and chunks read up to a million rows in order without a sort.
 */
const UPLOADS = [
  `CREATE TABLE settlements.uploads (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     state text NOT NULL CHECK (state IN ('receiving', 'received', 'discarded')),
     touched_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, id)
   )`,
  `CREATE INDEX uploads_by_state ON settlements.uploads (state, touched_at)`,
  ...tenantRowSecurity({
    table: 'settlements.uploads',
    app: ['INSERT', 'UPDATE', 'DELETE'],
    updatable: ['state', 'touched_at'],
    routing: ['tenant_id', 'id', 'state', 'touched_at'],
  }),
  `CREATE TABLE settlements.upload_lines (
     tenant_id uuid NOT NULL,
     upload_id uuid NOT NULL,
     rank_order bigint NOT NULL CHECK (rank_order BETWEEN 1 AND 2147483648),
     recipient_id uuid NOT NULL,
     line int NOT NULL CHECK (line >= 1),
     amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 1 AND 9999999999999),
     PRIMARY KEY (tenant_id, upload_id, rank_order, recipient_id, line)
   )`,
  ...tenantRowSecurity({ table: 'settlements.upload_lines', app: ['INSERT', 'DELETE'] }),
];

/** Settlements, their awards, the payout job of each, and uploads that are still arriving. */
export class Settlements1764000070000 extends SqlMigration {
  readonly name = 'Settlements1764000070000';

  statements(): string[] {
    return [
      ...moduleSchema('settlements'),
      SETTLEMENTS,
      ...SETTLEMENT_ACCESS,
      ...IMMUTABLE_CONTENT,
      ...AWARDS,
      ...PAYOUT_JOBS,
      ...UPLOADS,
    ];
  }
}
