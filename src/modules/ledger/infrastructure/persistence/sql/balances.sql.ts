import type { Sql } from '../../../../../platform/database';

/** Ignores a checkpoint above the horizon: it comes from another server, by a restored dump. */
export const USABLE_CHECKPOINT = `
  SELECT c.horizon FROM ledger.checkpoints c
   WHERE c.tenant_id = $1 AND c.horizon <= pg_snapshot_xmin(pg_current_snapshot())::text::bigint`;

const TEXT = `
  WITH checkpoint AS MATERIALIZED (${USABLE_CHECKPOINT}),
  asked AS MATERIALIZED (SELECT a.id, a.minor FROM ledger.accounts a WHERE a.tenant_id = $1
    AND a.id = ANY($2::uuid[])),
  span AS MATERIALIZED (SELECT coalesce((SELECT horizon FROM checkpoint), 0) AS since, 9223372036854775807
    AS upto),
  tail AS (
    SELECT v.account_id, sum(v.minor) AS minor
      FROM span s
      JOIN ledger.entries e ON e.tenant_id = $1 AND e.xid >= s.since AND e.xid <= s.upto
     CROSS JOIN LATERAL (SELECT * FROM ledger.postings p WHERE p.tenant_id = $1
       AND p.entry_id = e.id OFFSET 0) p
     CROSS JOIN LATERAL (VALUES (p.from_account_id, -p.minor), (p.to_account_id, p.minor))
       AS v (account_id, minor)
     WHERE v.account_id = ANY($2::uuid[])
       AND EXISTS (SELECT FROM asked WHERE minor IS NULL)
     GROUP BY v.account_id)
  SELECT a.id, coalesce(a.minor, coalesce(b.minor, 0) + coalesce(t.minor, 0))::bigint AS minor
    FROM asked a
    LEFT JOIN tail t ON t.account_id = a.id
    LEFT JOIN ledger.checkpoint_balances b ON b.tenant_id = $1 AND b.account_id = a.id
      AND EXISTS (SELECT FROM checkpoint)`;

/**
 * Reads checkpoint and later postings in one snapshot: entries below the horizon are in the checkpoint, all
 * others are in the tail. The tail is found by its entries, and skipped if all accounts have a balance row. The
 * planner cannot know that few entries are above the horizon: it estimates an open range as a third of the table,
 * and a closed one as small, so the range has both ends. OFFSET 0 prevents a join with all postings.
 */
export function balances(tenant: string, accountIds: readonly string[]): Sql<{ id: string; minor: bigint }> {
  return { name: 'ledger.balances', text: TEXT, values: [tenant, accountIds] };
}

/** In account order, like every statement that locks accounts, to prevent deadlocks. */
export function lockBalances(
  tenant: string,
  accountIds: readonly string[],
): Sql<{ id: string; minor: bigint }> {
  return {
    name: 'ledger.lock-balances',
    text: `SELECT id, minor FROM ledger.accounts WHERE tenant_id = $1 AND id = ANY($2::uuid[])
      ORDER BY id FOR NO KEY UPDATE`,
    values: [tenant, accountIds],
  };
}
