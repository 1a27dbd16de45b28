import { appendOnly, behindTenantWall, moduleSchema, SqlMigration } from '../../../../../platform/database';

/**
 * The chart's rules stand in the table too (a test holds the two together): who may own an account of a kind, which kinds have
 * a balance row, which of them a floor. Minor units everywhere. Filled below a hundred percent, so that a new balance finds place on its own page (HOT).
 */
const ACCOUNTS = `
  CREATE TABLE ledger.accounts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN (
      'funding', 'pot', 'payable', 'reserved', 'returned', 'overpaid', 'held', 'clawback_due',
      'platform_share', 'remainder', 'income', 'fees', 'reward_expense', 'external')),
    owner uuid,
    purpose text CHECK (purpose IN ('award', 'payout', 'reward')),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    minor bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT accounts_identity UNIQUE NULLS NOT DISTINCT (tenant_id, kind, owner, purpose, currency),
    CONSTRAINT accounts_owner CHECK ((owner IS NULL) = (kind IN ('funding', 'platform_share', 'remainder', 'income', 'fees'))),
    CONSTRAINT accounts_purpose CHECK ((purpose IS NOT NULL) = (kind IN ('payable', 'reserved'))),
    CONSTRAINT accounts_stored CHECK ((minor IS NOT NULL) = (kind IN ('payable', 'reserved', 'returned', 'held', 'clawback_due'))),
    CONSTRAINT accounts_floor CHECK (minor >= 0 OR kind = 'clawback_due')
  ) WITH (fillfactor = 70)`;

/**
 * xid: the transaction that wrote the entry. All below the horizon of running transactions is final, which is what a checkpoint
 * needs; ids and times are taken before commit and do not tell.
 */
const ENTRIES = `
  CREATE TABLE ledger.entries (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    reference text NOT NULL CHECK (length(reference) BETWEEN 1 AND 400),
    kind text NOT NULL CHECK (kind ~ '^[a-z][a-z_]{0,63}$'),
    actor text NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
    content_hash bytea NOT NULL CHECK (length(content_hash) = 32),
    occurred_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    xid bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT entries_reference UNIQUE (tenant_id, reference)
  )`;

const POSTINGS = `
  CREATE TABLE ledger.postings (
    tenant_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    position int NOT NULL CHECK (position >= 0),
    from_account_id uuid NOT NULL,
    to_account_id uuid NOT NULL,
    minor bigint NOT NULL CHECK (minor > 0),
    PRIMARY KEY (tenant_id, entry_id, position),
    CHECK (from_account_id <> to_account_id)
  )`;

/**
 * Instead of three foreign keys: they look up row by row and lock the shared account of every posting, and took more than half
 * of the time of an entry of 5,000 postings (690 ms with them, 260 ms so). One look over the whole statement says more, too: both
 * accounts are of one currency. Scalar look-ups and not joins, because a join planned for thousands of postings reads whole
 * tables for one. What is referred to cannot go away, since neither entries nor accounts can be deleted.
 */
const POSTINGS_FIT = [
  `CREATE FUNCTION ledger.refuse_loose_postings() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
   BEGIN
     IF EXISTS (
       SELECT FROM written p
        WHERE (SELECT e.id FROM ledger.entries e WHERE e.tenant_id = p.tenant_id AND e.id = p.entry_id) IS NULL
           OR (SELECT a.currency FROM ledger.accounts a WHERE a.tenant_id = p.tenant_id AND a.id = p.from_account_id)
            = (SELECT a.currency FROM ledger.accounts a WHERE a.tenant_id = p.tenant_id AND a.id = p.to_account_id) IS NOT TRUE)
     THEN
       RAISE EXCEPTION 'a posting without its entry or accounts, or of two currencies' USING ERRCODE = '23503';
     END IF;
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER postings_fit AFTER INSERT ON ledger.postings REFERENCING NEW TABLE AS written
     FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_loose_postings()`,
];

/** What accounts without a balance row held when everything below `horizon` was final; a cache, made again at any time. */
const CHECKPOINTS = [
  `CREATE TABLE ledger.checkpoints (
    tenant_id uuid PRIMARY KEY,
    horizon bigint NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE TABLE ledger.checkpoint_balances (
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    minor bigint NOT NULL,
    PRIMARY KEY (tenant_id, account_id)
  )`,
];

/** Append-only journal, balances of the kinds that have a floor, and checkpoints for the others. */
export class LedgerJournal1763700012000 extends SqlMigration {
  readonly name = 'LedgerJournal1763700012000';

  statements(): string[] {
    return [
      ...moduleSchema('ledger'),
      ACCOUNTS,
      ENTRIES,
      POSTINGS,
      ...POSTINGS_FIT,
      ...CHECKPOINTS,
      `CREATE INDEX accounts_newest ON ledger.accounts (tenant_id, created_at, id)`,
      `CREATE INDEX entries_xid ON ledger.entries (tenant_id, xid, id)`,
      `CREATE INDEX postings_from ON ledger.postings (tenant_id, from_account_id, entry_id)`,
      `CREATE INDEX postings_to ON ledger.postings (tenant_id, to_account_id, entry_id)`,
      ...behindTenantWall({ table: 'ledger.accounts', app: ['INSERT', 'UPDATE'], updatable: ['minor'] }),
      ...behindTenantWall({ table: 'ledger.entries', app: ['INSERT'], routing: ['tenant_id', 'xid'] }),
      ...behindTenantWall({ table: 'ledger.postings', app: ['INSERT'] }),
      ...behindTenantWall({
        table: 'ledger.checkpoints',
        app: ['INSERT', 'UPDATE'],
        routing: ['tenant_id', 'horizon'],
      }),
      ...behindTenantWall({ table: 'ledger.checkpoint_balances', app: ['INSERT', 'UPDATE', 'DELETE'] }),
      ...appendOnly('ledger.entries'),
      ...appendOnly('ledger.postings'),
      // Balances change; the account itself, once posted to, is there for ever.
      `CREATE TRIGGER never_deleted BEFORE DELETE ON ledger.accounts FOR EACH ROW EXECUTE FUNCTION platform.refuse_change()`,
      `CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ledger.accounts FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change()`,
    ];
  }
}
