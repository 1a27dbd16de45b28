import { SqlMigration } from '../../../../../platform/database';

/** As is-listed.sql.ts, which a migration must not follow when it changes. */
const among = (id: string, sorted: string) =>
  `${id} = ANY (${sorted}) AND (${sorted})[width_bucket(${id}, ${sorted})] = ${id}`;

const ENTRIES = `
  SELECT FROM (SELECT p.tenant_id, array_agg(DISTINCT p.entry_id) AS ids FROM written p GROUP BY p.tenant_id) w
   WHERE (SELECT count(*) FROM ledger.entries e WHERE e.tenant_id = w.tenant_id AND ${among('e.id', 'w.ids')}) < cardinality(w.ids)`;

const ACCOUNTS = `
  SELECT bool_or(found.accounts < cardinality(w.ids)), bool_or(found.currencies)
    FROM (SELECT b.tenant_id, array_agg(DISTINCT b.id) AS ids
            FROM (SELECT p.tenant_id, unnest(ARRAY[p.from_account_id, p.to_account_id]) AS id FROM written p) b
           GROUP BY b.tenant_id) w
   CROSS JOIN LATERAL (
     SELECT count(*) AS accounts, min(a.currency COLLATE "C") < max(a.currency COLLATE "C") AS currencies
       FROM ledger.accounts a WHERE a.tenant_id = w.tenant_id AND ${among('a.id', 'w.ids')}) found`;

const MIXED = `
  SELECT FROM written p
   WHERE (SELECT a.currency FROM ledger.accounts a WHERE a.tenant_id = p.tenant_id AND a.id = p.from_account_id)
      <> (SELECT a.currency FROM ledger.accounts a WHERE a.tenant_id = p.tenant_id AND a.id = p.to_account_id)`;

/**
 * The accounts of people who are paid together lie together, and an expansion changes all accounts of a page in one transaction:
 * until it ends, the page must hold each of them twice. At 70 a quarter of the changes left their page, and wrote to every index.
 */
const ROOM_FOR_ALL = `ALTER TABLE ledger.accounts SET (fillfactor = 45)`;

/**
 * Says what it said before: each posting has its entry and its accounts, and these are of one currency. Each entry and account
 * is looked up once per statement, in one walk of the index, and not once per posting; the currencies are compared posting by
 * posting only when there are several.
 */
export class LedgerPostingsAtOnce1763720050000 extends SqlMigration {
  readonly name = 'LedgerPostingsAtOnce1763720050000';

  statements(): string[] {
    return [
      `CREATE OR REPLACE FUNCTION ledger.refuse_loose_postings() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
       DECLARE
         missing boolean;
         several boolean;
       BEGIN
         ${ACCOUNTS} INTO missing, several;
         IF missing OR EXISTS (${ENTRIES}) OR (several AND EXISTS (${MIXED}))
         THEN
           RAISE EXCEPTION 'a posting without its entry or accounts, or of two currencies' USING ERRCODE = '23503';
         END IF;
         RETURN NULL;
       END $$`,
      ROOM_FOR_ALL,
    ];
  }
}
