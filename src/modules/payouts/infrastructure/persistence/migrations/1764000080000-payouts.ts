import { appendOnly, moduleSchema, SqlMigration, tenantRowSecurity } from '../../../../../platform/database';

/** Fillfactor 80: a payout is updated twice, and the free space keeps its new versions on the same page. */
const PAYOUTS = [
  `CREATE TABLE payouts.payouts (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     recipient_id uuid NOT NULL,
     amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 1 AND 9999999999999),
     currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
     rail text NOT NULL CHECK (rail IN ('stripe', 'manual')),
     state text NOT NULL CHECK (state IN ('NEW', 'PROCESSING', 'COMPLETED', 'FAILED', 'CANCELLED')),
     reason text CHECK (reason <> ''),
     transfer_id uuid,
     recipient_name text NOT NULL,
     account_tail text,
     bank_code text,
     description text,
     metadata jsonb NOT NULL CHECK (jsonb_typeof(metadata) = 'object'),
     created_by text NOT NULL CHECK (created_by <> ''),
     created_at timestamptz NOT NULL,
     updated_at timestamptz NOT NULL,
     finished_at timestamptz,
     PRIMARY KEY (tenant_id, id),
     CONSTRAINT payouts_reason CHECK ((reason IS NOT NULL) = (state IN ('FAILED', 'CANCELLED'))),
     CONSTRAINT payouts_finished CHECK ((finished_at IS NOT NULL) = (state IN ('COMPLETED', 'FAILED',
       'CANCELLED'))),
     CONSTRAINT payouts_transfer CHECK (CASE
       WHEN state IN ('NEW', 'CANCELLED') THEN transfer_id IS NULL
       WHEN state IN ('PROCESSING', 'COMPLETED') THEN transfer_id IS NOT NULL
       ELSE true END)
   ) WITH (fillfactor = 80)`,
  ...tenantRowSecurity({
    table: 'payouts.payouts',
    app: ['INSERT', 'UPDATE'],
    updatable: ['state', 'reason', 'transfer_id', 'updated_at', 'finished_at'],
  }),
  `CREATE INDEX payouts_by_state ON payouts.payouts (tenant_id, state, id)`,
  `CREATE INDEX payouts_by_recipient ON payouts.payouts (tenant_id, recipient_id, id)`,
  `CREATE INDEX payouts_by_amount ON payouts.payouts (tenant_id, currency, amount_minor, id)`,
  // In the order of lists. Without them, a page of a rare rail or currency reads all payouts, or sorts all
  // payouts of the currency.
  `CREATE INDEX payouts_by_rail ON payouts.payouts (tenant_id, rail, id)`,
  `CREATE INDEX payouts_by_currency ON payouts.payouts (tenant_id, currency, id)`,
];

/** The transitions of domain/payout.ts. The transfer of a payout, once set, never changes. */
const TRANSITIONS = [
  `CREATE FUNCTION payouts.reject_transition() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
   BEGIN
     IF (OLD.state, NEW.state) NOT IN (
          ('NEW', 'PROCESSING'), ('NEW', 'FAILED'), ('NEW', 'CANCELLED'),
          ('PROCESSING', 'COMPLETED'), ('PROCESSING', 'FAILED'))
        OR (OLD.transfer_id IS NOT NULL AND NEW.transfer_id IS DISTINCT FROM OLD.transfer_id)
     THEN
       RAISE EXCEPTION 'a payout cannot go from % to %', OLD.state, NEW.state USING ERRCODE = '23514';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER transitions BEFORE UPDATE ON payouts.payouts
     FOR EACH ROW EXECUTE FUNCTION payouts.reject_transition()`,
  `CREATE TRIGGER never_deleted BEFORE DELETE ON payouts.payouts
     FOR EACH ROW EXECUTE FUNCTION platform.refuse_change()`,
  `CREATE TRIGGER never_truncated BEFORE TRUNCATE ON payouts.payouts
     FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change()`,
];

/** `from_state` equals `to_state` for events that moved money and did not change the state. */
const EVENTS = [
  `CREATE TABLE payouts.payout_events (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     payout_id uuid NOT NULL,
     kind text NOT NULL CHECK (kind IN ('status_changed', 'paid_late', 'reversed')),
     from_state text NOT NULL,
     to_state text NOT NULL,
     reason text CHECK (reason <> ''),
     actor text NOT NULL CHECK (actor <> ''),
     occurred_at timestamptz NOT NULL,
     PRIMARY KEY (tenant_id, id),
     FOREIGN KEY (tenant_id, payout_id) REFERENCES payouts.payouts (tenant_id, id)
   )`,
  `CREATE INDEX payout_events_of ON payouts.payout_events (tenant_id, payout_id, id)`,
  ...tenantRowSecurity({ table: 'payouts.payout_events', app: ['INSERT'] }),
  ...appendOnly('payouts.payout_events'),
];

/** Payouts and their events. */
export class Payouts1764000080000 extends SqlMigration {
  readonly name = 'Payouts1764000080000';

  statements(): string[] {
    return [...moduleSchema('payouts'), ...PAYOUTS, ...TRANSITIONS, ...EVENTS];
  }
}
