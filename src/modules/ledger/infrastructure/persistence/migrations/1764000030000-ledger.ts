import { appendOnly, moduleSchema, SqlMigration, tenantRowSecurity } from '../../../../../platform/database';

/**
 * The constraints repeat the rules of the chart (a test compares the two): the owner of each kind, which kinds
 * have a balance row, and which have a floor. Amounts are in minor units. The fillfactor leaves space for a second
 * version of each account on its page (HOT updates): recipients who are paid together are on the same pages, and
 * an expansion changes all accounts of a page in one transaction. At 70, a quarter of the updates left their page
 * and wrote to every index.
 */
const ACCOUNTS = [
  `CREATE TABLE ledger.accounts (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     kind text NOT NULL CHECK (kind IN (
       'funding', 'pot', 'payable', 'reserved', 'returned', 'overpaid',
       'platform_share', 'remainder', 'external')),
     owner uuid,
     purpose text CHECK (purpose IN ('award', 'payout', 'reward')),
     currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
     minor bigint,
     created_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, id),
     CONSTRAINT accounts_identity UNIQUE NULLS NOT DISTINCT (tenant_id, kind, owner, purpose, currency),
     CONSTRAINT accounts_owner CHECK ((owner IS NULL) = (kind IN ('funding', 'platform_share', 'remainder'))),
     CONSTRAINT accounts_purpose CHECK ((purpose IS NOT NULL) = (kind IN ('payable', 'reserved'))),
     CONSTRAINT accounts_stored CHECK ((minor IS NOT NULL) = (kind IN ('payable', 'reserved', 'returned'))),
     CONSTRAINT accounts_floor CHECK (minor >= 0)
   ) WITH (fillfactor = 45)`,
  `CREATE INDEX accounts_newest ON ledger.accounts (tenant_id, created_at, id)`,
  ...tenantRowSecurity({ table: 'ledger.accounts', app: ['INSERT', 'UPDATE'], updatable: ['minor'] }),
  // Balances change; accounts are never deleted.
  `CREATE TRIGGER never_deleted BEFORE DELETE ON ledger.accounts
     FOR EACH ROW EXECUTE FUNCTION platform.refuse_change()`,
  `CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ledger.accounts
     FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change()`,
];

/**
 * `xid` is the transaction that inserted the entry. Every entry below the horizon of running transactions is final,
 * as a checkpoint requires. Ids and times are set before the commit and cannot show that.
 */
const ENTRIES = [
  `CREATE TABLE ledger.entries (
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
   )`,
  `CREATE INDEX entries_xid ON ledger.entries (tenant_id, xid, id)`,
  ...tenantRowSecurity({ table: 'ledger.entries', app: ['INSERT'], routing: ['tenant_id', 'xid'] }),
  ...appendOnly('ledger.entries'),
];

const POSTINGS = [
  `CREATE TABLE ledger.postings (
     tenant_id uuid NOT NULL,
     entry_id uuid NOT NULL,
     position int NOT NULL CHECK (position >= 0),
     from_account_id uuid NOT NULL,
     to_account_id uuid NOT NULL,
     minor bigint NOT NULL CHECK (minor > 0),
     PRIMARY KEY (tenant_id, entry_id, position),
     CHECK (from_account_id <> to_account_id)
   )`,
  `CREATE INDEX postings_from ON ledger.postings (tenant_id, from_account_id, entry_id)`,
  `CREATE INDEX postings_to ON ledger.postings (tenant_id, to_account_id, entry_id)`,
  ...tenantRowSecurity({ table: 'ledger.postings', app: ['INSERT'] }),
  ...appendOnly('ledger.postings'),
];

/** Up to this number, postings are checked one by one: planning one index scan for all would take longer. */
const FEW = 32;

const CURRENCY_OF_FROM = `
  (SELECT a.currency FROM ledger.accounts a WHERE a.tenant_id = p.tenant_id AND a.id = p.from_account_id)`;

const CURRENCY_OF_TO = `
  (SELECT a.currency FROM ledger.accounts a WHERE a.tenant_id = p.tenant_id AND a.id = p.to_account_id)`;

const ONE_BY_ONE = `
  SELECT FROM written p
   WHERE (SELECT e.id FROM ledger.entries e WHERE e.tenant_id = p.tenant_id AND e.id = p.entry_id) IS NULL
      OR ${CURRENCY_OF_FROM} = ${CURRENCY_OF_TO} IS NOT TRUE`;

const among = (id: string, sorted: string) =>
  `${id} = ANY (${sorted}) AND (${sorted})[width_bucket(${id}, ${sorted})] = ${id}`;

const MISSING_ENTRIES = `
  SELECT FROM (SELECT p.tenant_id, array_agg(DISTINCT p.entry_id) AS ids FROM written p
    GROUP BY p.tenant_id) w
   WHERE (SELECT count(*) FROM ledger.entries e WHERE e.tenant_id = w.tenant_id AND ${among('e.id', 'w.ids')})
       < cardinality(w.ids)`;

const ACCOUNTS_OF_ALL = `
  SELECT bool_or(found.accounts < cardinality(w.ids)) AS missing, bool_or(found.currencies) AS several
    FROM (SELECT b.tenant_id, array_agg(DISTINCT b.id) AS ids
            FROM (SELECT p.tenant_id, unnest(ARRAY[p.from_account_id, p.to_account_id]) AS id
              FROM written p) b
           GROUP BY b.tenant_id) w
   CROSS JOIN LATERAL (
     SELECT count(*) AS accounts, min(a.currency COLLATE "C") < max(a.currency COLLATE "C") AS currencies
       FROM ledger.accounts a WHERE a.tenant_id = w.tenant_id AND ${among('a.id', 'w.ids')}) found`;

const MIXED_CURRENCIES = `
  SELECT FROM written p
   WHERE ${CURRENCY_OF_FROM} <> ${CURRENCY_OF_TO}`;

/**
 * Replaces three foreign keys, which check row by row and lock the shared account of every posting: they took
 * more than half of the time of an entry of 5,000 postings (690 ms, 260 ms without). It also checks that both
 * accounts are of one currency. Rows that are referred to cannot disappear, because neither entries nor accounts
 * can be deleted. Nearly every statement writes a few postings: look-ups by a whole key need no other plan at any
 * size of the tables, so that one plan per connection is enough. Many postings are checked by one index scan,
 * and EXECUTE plans it each time: a plan made for an empty table would read all of a full one.
 */
const POSTINGS_FIT = [
  `CREATE FUNCTION ledger.reject_loose_postings() RETURNS trigger
   LANGUAGE plpgsql SET search_path = pg_catalog AS $$
   DECLARE
     loose boolean;
   BEGIN
     IF (SELECT count(*) FROM (SELECT FROM written LIMIT ${FEW + 1}) first_ones) <= ${FEW} THEN
       loose := EXISTS (${ONE_BY_ONE});
     ELSE
       EXECUTE $many$
         SELECT missing OR EXISTS (${MISSING_ENTRIES}) OR (several AND EXISTS (${MIXED_CURRENCIES}))
           FROM (${ACCOUNTS_OF_ALL}) seen $many$ INTO loose;
     END IF;
     IF loose THEN
       RAISE EXCEPTION 'a posting without its entry or accounts, or of two currencies'
         USING ERRCODE = '23503';
     END IF;
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER postings_fit AFTER INSERT ON ledger.postings REFERENCING NEW TABLE AS written
     FOR EACH STATEMENT EXECUTE FUNCTION ledger.reject_loose_postings()`,
];

/** The balances of derived accounts from all entries below `horizon`. A cache that can be rebuilt at any time. */
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
  ...tenantRowSecurity({
    table: 'ledger.checkpoints',
    app: ['INSERT', 'UPDATE'],
    routing: ['tenant_id', 'horizon'],
  }),
  ...tenantRowSecurity({ table: 'ledger.checkpoint_balances', app: ['INSERT', 'UPDATE', 'DELETE'] }),
];

/** The append-only journal, stored balances of the kinds that need a row, and checkpoints for the others. */
export class Ledger1764000030000 extends SqlMigration {
  readonly name = 'Ledger1764000030000';

  statements(): string[] {
    return [...moduleSchema('ledger'), ...ACCOUNTS, ...ENTRIES, ...POSTINGS, ...POSTINGS_FIT, ...CHECKPOINTS];
  }
}
