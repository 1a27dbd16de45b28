import type { Sql } from '../../../../../platform/database';

const HORIZON = `pg_snapshot_xmin(pg_current_snapshot())::text::bigint`;

/**
 * Runs as the system. Returns tenants with entries that no checkpoint covers. It reads only the newest entry of
 * each tenant from the index (a loose index scan), instead of all entries.
 */
export function tenantsToCheckpoint(): Sql<{ tenant_id: string }> {
  return {
    text: `
      WITH RECURSIVE newest AS (
        (SELECT tenant_id, xid FROM ledger.entries ORDER BY tenant_id DESC, xid DESC LIMIT 1)
        UNION ALL
        SELECT e.tenant_id, e.xid
          FROM newest n
         CROSS JOIN LATERAL (SELECT tenant_id, xid FROM ledger.entries WHERE tenant_id < n.tenant_id
                              ORDER BY tenant_id DESC, xid DESC LIMIT 1) e)
      SELECT n.tenant_id FROM newest n LEFT JOIN ledger.checkpoints c USING (tenant_id)
       WHERE c.horizon IS NULL OR n.xid >= c.horizon OR c.horizon > ${HORIZON}
       ORDER BY n.tenant_id`,
    values: [],
  };
}

/**
 * Locks the checkpoint of the tenant. A horizon above the current one comes from another server, by a restored
 * dump: it is meaningless here, and `foreign_count` is true.
 */
export function lockCheckpoint(tenant: string): Sql<{ foreign_count: boolean }> {
  return {
    text: `
      INSERT INTO ledger.checkpoints AS c (tenant_id, horizon) VALUES ($1, 0)
      ON CONFLICT (tenant_id) DO UPDATE SET taken_at = now()
      RETURNING c.horizon > ${HORIZON} AS foreign_count`,
    values: [tenant],
  };
}

export function resetCheckpoint(tenant: string): Sql<unknown> {
  return {
    text: `
      WITH emptied AS (DELETE FROM ledger.checkpoint_balances WHERE tenant_id = $1)
      UPDATE ledger.checkpoints SET horizon = 0 WHERE tenant_id = $1`,
    values: [tenant],
  };
}

/**
 * Advances the checkpoint by about `entriesMax` entries, at most to the horizon. All transactions below the
 * horizon have ended, so no entry can appear there later. `complete` is true if the horizon is reached.
 */
export function advanceCheckpoint(tenant: string, entriesMax: number): Sql<{ complete: boolean }> {
  return {
    text: `
      WITH checkpoint AS MATERIALIZED (SELECT horizon AS since, ${HORIZON} AS safe FROM ledger.checkpoints
        WHERE tenant_id = $1),
      span AS MATERIALIZED (
        SELECT k.since, k.safe, least(k.safe, (SELECT e.xid + 1 FROM ledger.entries e WHERE e.tenant_id = $1
          AND e.xid >= k.since
                                                ORDER BY e.xid OFFSET $2::int LIMIT 1)) AS upto
          FROM checkpoint k),
      moved AS (
        SELECT v.account_id, sum(v.minor)::bigint AS minor
          FROM span s
          JOIN ledger.entries e ON e.tenant_id = $1 AND e.xid >= s.since AND e.xid < s.upto
         CROSS JOIN LATERAL (SELECT * FROM ledger.postings p WHERE p.tenant_id = $1
           AND p.entry_id = e.id OFFSET 0) p
         CROSS JOIN LATERAL (VALUES (p.from_account_id, -p.minor), (p.to_account_id, p.minor))
           AS v (account_id, minor)
          JOIN ledger.accounts a ON a.tenant_id = $1 AND a.id = v.account_id AND a.minor IS NULL
         GROUP BY v.account_id
        HAVING sum(v.minor) <> 0),
      summed AS (
        INSERT INTO ledger.checkpoint_balances AS b (tenant_id, account_id, minor)
        SELECT $1, account_id, minor FROM moved
        ON CONFLICT (tenant_id, account_id) DO UPDATE SET minor = b.minor + excluded.minor)
      UPDATE ledger.checkpoints c SET horizon = s.upto, taken_at = now() FROM span s
       WHERE c.tenant_id = $1
      RETURNING s.upto = s.safe AS complete`,
    values: [tenant, entriesMax],
  };
}
