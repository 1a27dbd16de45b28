import { appendOnly, moduleSchema, SqlMigration, tenantRowSecurity } from '../../../../../platform/database';

/**
 * `origin_ended`: a transfer that returned its money, whose origin was reversed too; the payable balance no
 * longer belongs to this origin.
 */
const TRANSFERS = [
  `CREATE TABLE transfers.transfers (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     rail text NOT NULL CHECK (rail IN ('stripe', 'manual')),
     rail_account_id uuid NOT NULL,
     recipient_id uuid NOT NULL,
     purpose text NOT NULL CHECK (purpose IN ('award', 'payout', 'reward')),
     origin_kind text NOT NULL,
     origin_id uuid NOT NULL,
     origin_seq int NOT NULL CHECK (origin_seq >= 1),
     origin_ended boolean NOT NULL DEFAULT false,
     job_id uuid,
     settlement_id uuid,
     amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 1 AND 9999999999999),
     currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
     amount_reversed_minor bigint NOT NULL DEFAULT 0 CHECK (amount_reversed_minor BETWEEN 0 AND amount_minor),
     state text NOT NULL CHECK (state IN (
       'pending', 'processing', 'completed', 'retryable', 'unknown', 'waiting_for_funds', 'blocked_recipient',
       'awaiting_confirmation', 'failed_terminal', 'needs_review', 'cancelled')),
     reason text CHECK (reason <> ''),
     provider_code text,
     opening int NOT NULL DEFAULT 1,
     generation int NOT NULL DEFAULT 0,
     generations_ended int NOT NULL DEFAULT 0,
     max_attempts int NOT NULL CHECK (max_attempts BETWEEN 1 AND 100),
     attempts int NOT NULL DEFAULT 0,
     frozen jsonb,
     first_sent_at timestamptz,
     last_sent_at timestamptz,
     ambiguous boolean NOT NULL DEFAULT false,
     server_errors int NOT NULL DEFAULT 0,
     look_up_empty_at timestamptz,
     call_kind text CHECK (call_kind IN ('send', 'look_up')),
     due_at timestamptz,
     lease_token uuid,
     lease_until timestamptz,
     retry_since timestamptz,
     backoff_step int NOT NULL DEFAULT 0,
     provider_transfer_id text,
     balance_transaction_id text,
     destination_payment_id text,
     completed_at timestamptz,
     created_at timestamptz NOT NULL DEFAULT now(),
     updated_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, id),
     CHECK ((state = 'processing') =
       (lease_token IS NOT NULL AND lease_until IS NOT NULL AND call_kind IS NOT NULL)),
     CHECK ((state = 'completed') = (completed_at IS NOT NULL)),
     CHECK (state <> 'completed' OR provider_transfer_id IS NOT NULL),
     CHECK (NOT ambiguous OR state IN ('processing', 'unknown', 'needs_review')),
     CHECK (due_at IS NULL OR state NOT IN (
       'completed', 'failed_terminal', 'cancelled', 'needs_review', 'awaiting_confirmation')),
     CHECK (state NOT IN (
       'failed_terminal', 'needs_review', 'waiting_for_funds', 'blocked_recipient', 'cancelled')
         OR reason IS NOT NULL)
   )`,
  ...tenantRowSecurity({
    table: 'transfers.transfers',
    app: ['INSERT', 'UPDATE'],
    // The sweeps look for accounts that have work, never for a transfer.
    routing: ['tenant_id', 'rail_account_id', 'state', 'due_at'],
  }),
];

const TRANSFER_INDEXES = [
  `CREATE UNIQUE INDEX transfers_origin
    ON transfers.transfers (tenant_id, origin_kind, origin_id, origin_seq)`,
  `CREATE UNIQUE INDEX transfers_provider ON transfers.transfers (tenant_id, provider_transfer_id)
     WHERE provider_transfer_id IS NOT NULL AND rail = 'stripe'`,
  // Everything that can become due, in order of fairness: the skip scan goes over (tenant, account), the
  // claim takes the oldest.
  `CREATE INDEX transfers_due ON transfers.transfers (tenant_id, rail_account_id, due_at, id)
     WHERE due_at IS NOT NULL`,
  // What was sent before is claimed first; a transfer is in this index only from its first call to its end.
  `CREATE INDEX transfers_due_again ON transfers.transfers (tenant_id, rail_account_id, due_at, id)
     WHERE due_at IS NOT NULL AND generation > 0`,
  `CREATE INDEX transfers_job ON transfers.transfers (tenant_id, job_id, state)`,
  `CREATE INDEX transfers_recipient ON transfers.transfers (tenant_id, recipient_id, id)`,
  `CREATE INDEX transfers_state ON transfers.transfers (tenant_id, state, id)`,
  `CREATE INDEX transfers_waiting ON transfers.transfers (tenant_id, rail_account_id, currency, id)
     WHERE state = 'waiting_for_funds'`,
];

/**
 * A final state, a provider's transfer, and what is paid to whom never change, for every login
 * (docs/invariants.md M6).
 */
const FINAL_IS_FINAL = `
  CREATE TRIGGER final_is_final BEFORE UPDATE ON transfers.transfers FOR EACH ROW
    WHEN ((OLD.state IN ('completed', 'cancelled') AND NEW.state <> OLD.state)
       OR (OLD.provider_transfer_id IS NOT NULL AND NEW.provider_transfer_id IS DISTINCT
         FROM OLD.provider_transfer_id)
       OR NEW.amount_minor <> OLD.amount_minor
       OR NEW.currency <> OLD.currency
       OR NEW.recipient_id <> OLD.recipient_id)
    EXECUTE FUNCTION platform.refuse_change()`;

/**
 * At most one payment of an origin at a time: the next one only when the one before was cancelled or fully
 * reversed. Both are final, so that nothing has to be locked. An ordinary transfer has no cost by it.
 */
const ONE_AT_A_TIME = [
  `CREATE FUNCTION transfers.refuse_second_payment() RETURNS trigger
   LANGUAGE plpgsql SET search_path = pg_catalog AS $$
   BEGIN
     IF NOT EXISTS (
       SELECT FROM transfers.transfers t
        WHERE t.tenant_id = NEW.tenant_id AND t.origin_kind = NEW.origin_kind
          AND t.origin_id = NEW.origin_id AND t.origin_seq = NEW.origin_seq - 1
          AND (t.state = 'cancelled' OR t.amount_reversed_minor = t.amount_minor))
     THEN
       RAISE EXCEPTION 'the transfer before this one of the same origin is neither cancelled nor fully reversed'
         USING ERRCODE = '23P01';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER one_at_a_time BEFORE INSERT ON transfers.transfers FOR EACH ROW WHEN (NEW.origin_seq > 1)
     EXECUTE FUNCTION transfers.refuse_second_payment()`,
];

/** Written before each call, and finished once. */
const ATTEMPTS = [
  `CREATE TABLE transfers.attempts (
     tenant_id uuid NOT NULL,
     transfer_id uuid NOT NULL,
     number int NOT NULL CHECK (number >= 1),
     call_kind text NOT NULL CHECK (call_kind IN ('send', 'look_up')),
     generation int NOT NULL,
     key text NOT NULL,
     destination text NOT NULL,
     outcome text,
     http_status int,
     provider_code text,
     provider_request_id text,
     reason text,
     started_at timestamptz NOT NULL DEFAULT now(),
     finished_at timestamptz,
     PRIMARY KEY (tenant_id, transfer_id, number),
     FOREIGN KEY (tenant_id, transfer_id) REFERENCES transfers.transfers (tenant_id, id),
     CHECK ((outcome IS NULL) = (finished_at IS NULL))
   )`,
  ...tenantRowSecurity({
    table: 'transfers.attempts',
    app: ['INSERT', 'UPDATE'],
    updatable: ['outcome', 'http_status', 'provider_code', 'provider_request_id', 'reason', 'finished_at'],
  }),
  `CREATE TRIGGER closed_once BEFORE UPDATE ON transfers.attempts FOR EACH ROW
    WHEN (OLD.finished_at IS NOT NULL)
     EXECUTE FUNCTION platform.refuse_change()`,
  `CREATE TRIGGER never_deleted BEFORE DELETE ON transfers.attempts
     FOR EACH ROW EXECUTE FUNCTION platform.refuse_change()`,
  `CREATE TRIGGER never_truncated BEFORE TRUNCATE ON transfers.attempts
     FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change()`,
];

const TRANSITIONS = [
  `CREATE TABLE transfers.transfer_transitions (
     tenant_id uuid NOT NULL,
     id bigint GENERATED ALWAYS AS IDENTITY,
     transfer_id uuid NOT NULL,
     from_state text NOT NULL,
     to_state text NOT NULL,
     opening int NOT NULL,
     generation int NOT NULL,
     reason text,
     actor text NOT NULL,
     occurred_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, id),
     FOREIGN KEY (tenant_id, transfer_id) REFERENCES transfers.transfers (tenant_id, id)
   )`,
  `CREATE INDEX transitions_of_transfer ON transfers.transfer_transitions (tenant_id, transfer_id)`,
  ...tenantRowSecurity({ table: 'transfers.transfer_transitions', app: ['INSERT'] }),
  ...appendOnly('transfers.transfer_transitions'),
];

const EVIDENCE = [
  `CREATE TABLE transfers.transfer_evidence (
     tenant_id uuid NOT NULL,
     transfer_id uuid NOT NULL,
     provider_transfer_id text NOT NULL,
     source text NOT NULL,
     amount_minor bigint NOT NULL,
     currency text NOT NULL,
     destination text NOT NULL,
     recorded_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, transfer_id, provider_transfer_id, source),
     FOREIGN KEY (tenant_id, transfer_id) REFERENCES transfers.transfers (tenant_id, id)
   )`,
  ...tenantRowSecurity({ table: 'transfers.transfer_evidence', app: ['INSERT'] }),
  ...appendOnly('transfers.transfer_evidence'),
];

const REVERSALS = [
  `CREATE TABLE transfers.reversals (
     tenant_id uuid NOT NULL,
     transfer_id uuid NOT NULL,
     provider_reversal_id text NOT NULL,
     amount_minor bigint NOT NULL CHECK (amount_minor > 0),
     recorded_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, transfer_id, provider_reversal_id),
     FOREIGN KEY (tenant_id, transfer_id) REFERENCES transfers.transfers (tenant_id, id)
   )`,
  ...tenantRowSecurity({ table: 'transfers.reversals', app: ['INSERT'] }),
  ...appendOnly('transfers.reversals'),
];

/** Transfers, and the append-only records about them. */
export class Transfers1764000060000 extends SqlMigration {
  readonly name = 'Transfers1764000060000';

  statements(): string[] {
    return [
      ...moduleSchema('transfers'),
      ...TRANSFERS,
      ...TRANSFER_INDEXES,
      FINAL_IS_FINAL,
      ...ONE_AT_A_TIME,
      ...ATTEMPTS,
      ...TRANSITIONS,
      ...EVIDENCE,
      ...REVERSALS,
    ];
  }
}
