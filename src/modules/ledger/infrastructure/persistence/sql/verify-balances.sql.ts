import type { Sql } from '../../../../../platform/database';
import { USABLE_CHECKPOINT } from './balances.sql';
import { comparison, type ComparisonRow } from './comparison.sql';

const CHECKS = ['stored_balance', 'derived_balance', 'zero_sum', 'floor', 'empty_pot'];

/** `fresh` is recomputed from all postings; `tail` is the part that reads add to the checkpoint. */
const CTES = `
  checkpoint AS MATERIALIZED (${USABLE_CHECKPOINT}),
  moves AS (
    SELECT v.account_id, v.minor, p.entry_id, e.xid
      FROM ledger.postings p
      JOIN ledger.entries e ON e.tenant_id = $1 AND e.id = p.entry_id
     CROSS JOIN LATERAL (VALUES (p.from_account_id, -p.minor), (p.to_account_id, p.minor))
       AS v (account_id, minor)
     WHERE p.tenant_id = $1),
  fresh AS (
    SELECT account_id, sum(minor) AS minor, sum(minor) FILTER (WHERE xid >= coalesce((SELECT horizon
      FROM checkpoint), 0)) AS tail
      FROM moves GROUP BY account_id),
  accounts AS MATERIALIZED (
    SELECT a.id, a.kind, a.currency, concat_ws(':', a.kind, a.owner, a.purpose, a.currency) AS subject,
           a.minor AS stored, coalesce(f.minor, 0) AS fresh, coalesce(f.tail, 0) + coalesce(b.minor, 0)
             AS derived
      FROM ledger.accounts a
      LEFT JOIN fresh f ON f.account_id = a.id
      LEFT JOIN ledger.checkpoint_balances b ON b.tenant_id = $1 AND b.account_id = a.id
        AND EXISTS (SELECT FROM checkpoint)
     WHERE a.tenant_id = $1)`;

const COMPARED = `
  SELECT 'stored_balance' AS check_name, subject, fresh::text AS expected, stored::text AS actual
    FROM accounts WHERE stored IS NOT NULL
  UNION ALL
  SELECT 'derived_balance', subject, fresh::text, derived::text FROM accounts WHERE stored IS NULL
  UNION ALL
  SELECT 'zero_sum', currency, '0', sum(coalesce(stored, derived))::text FROM accounts GROUP BY currency
  UNION ALL
  SELECT 'floor', subject, greatest(fresh, 0)::text, fresh::text FROM accounts WHERE stored IS NOT NULL
  UNION ALL
  SELECT 'empty_pot', a.subject, '0', sum(m.minor)::text
    FROM accounts a JOIN moves m ON m.account_id = a.id WHERE a.kind = 'pot' GROUP BY a.subject, m.entry_id`;

/** Compares the balances that reads return with the sums of the postings, in one snapshot. */
export function verifyBalances(tenant: string): Sql<ComparisonRow> {
  return comparison(tenant, CHECKS, CTES, COMPARED);
}
