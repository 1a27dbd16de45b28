import { SqlMigration } from '../../../../../platform/database';

/** Up to so many postings are looked up one by one: planning one walk of the index for all of them would take longer. */
const FEW = 32;

const ONE_BY_ONE = `
  SELECT FROM written p
   WHERE (SELECT e.id FROM ledger.entries e WHERE e.tenant_id = p.tenant_id AND e.id = p.entry_id) IS NULL
      OR (SELECT a.currency FROM ledger.accounts a WHERE a.tenant_id = p.tenant_id AND a.id = p.from_account_id)
       = (SELECT a.currency FROM ledger.accounts a WHERE a.tenant_id = p.tenant_id AND a.id = p.to_account_id) IS NOT TRUE`;

const among = (id: string, sorted: string) =>
  `${id} = ANY (${sorted}) AND (${sorted})[width_bucket(${id}, ${sorted})] = ${id}`;

const ENTRIES = `
  SELECT FROM (SELECT p.tenant_id, array_agg(DISTINCT p.entry_id) AS ids FROM written p GROUP BY p.tenant_id) w
   WHERE (SELECT count(*) FROM ledger.entries e WHERE e.tenant_id = w.tenant_id AND ${among('e.id', 'w.ids')}) < cardinality(w.ids)`;

const ACCOUNTS = `
  SELECT bool_or(found.accounts < cardinality(w.ids)) AS missing, bool_or(found.currencies) AS several
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
 * The trigger on postings says what it said before. Nearly every statement writes a few, and for these it was planned anew each time,
 * because of what plpgsql knew of its variables: 360 µs an entry, of which looking took 100. Look-ups by a whole key need no other plan
 * at any size of the tables, so one is made per connection. Many postings are looked for as before and, by EXECUTE, planned each time:
 * a plan that was made for an empty table would read all of a full one.
 */
export class PostingsPlannedOnce1763760040000 extends SqlMigration {
  readonly name = 'PostingsPlannedOnce1763760040000';

  statements(): string[] {
    return [
      `CREATE OR REPLACE FUNCTION ledger.refuse_loose_postings() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
       DECLARE
         loose boolean;
       BEGIN
         IF (SELECT count(*) FROM (SELECT FROM written LIMIT ${FEW + 1}) first_ones) <= ${FEW} THEN
           loose := EXISTS (${ONE_BY_ONE});
         ELSE
           EXECUTE $many$ SELECT missing OR EXISTS (${ENTRIES}) OR (several AND EXISTS (${MIXED})) FROM (${ACCOUNTS}) seen $many$ INTO loose;
         END IF;
         IF loose THEN
           RAISE EXCEPTION 'a posting without its entry or accounts, or of two currencies' USING ERRCODE = '23503';
         END IF;
         RETURN NULL;
       END $$`,
    ];
  }
}
