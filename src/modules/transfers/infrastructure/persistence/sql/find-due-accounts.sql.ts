import type { Sql } from '../../../../../platform/database';

export interface AccountRow {
  readonly tenant_id: string;
  readonly rail_account_id: string;
}

/**
 * Accounts with due work, found by a skip scan over (tenant, account): one index probe per account, however
 * many rows it has. DISTINCT would read every row of a large settlement for one account, and EXISTS the whole
 * table when nothing is due, because the planner expects an early match. Runs under the system login, which
 * reads routing columns only.
 */
export function findDueAccounts(limit: number): Sql<AccountRow> {
  const next = (after: string) => `
    SELECT t.tenant_id, t.rail_account_id FROM transfers.transfers t
     WHERE t.due_at IS NOT NULL ${after} ORDER BY t.tenant_id, t.rail_account_id LIMIT 1`;
  return {
    text: `
      WITH RECURSIVE account AS (
        (${next('')})
        UNION ALL
        SELECT n.tenant_id, n.rail_account_id FROM account a
         CROSS
           JOIN LATERAL (${next('AND (t.tenant_id, t.rail_account_id) > (a.tenant_id, a.rail_account_id)')}) n
      )
      SELECT a.tenant_id, a.rail_account_id FROM account a
       WHERE (SELECT t.due_at FROM transfers.transfers t
               WHERE t.tenant_id = a.tenant_id AND t.rail_account_id = a.rail_account_id
                 AND t.due_at IS NOT NULL
               ORDER BY t.due_at LIMIT 1) <= statement_timestamp()
       LIMIT $1`,
    values: [limit],
  };
}

/** Ambiguous transfers are few, and the index transfers_state finds them without reading the backlog. */
export function findAmbiguousAccounts(tenants: readonly string[]): Sql<AccountRow> {
  return {
    text: `
      SELECT DISTINCT t.tenant_id, t.rail_account_id FROM transfers.transfers t
       WHERE t.tenant_id = ANY($1::uuid[]) AND t.state IN ('processing', 'unknown')
         AND t.due_at <= statement_timestamp()`,
    values: [tenants],
  };
}

export function findWaitingAccounts(limit: number): Sql<AccountRow> {
  return {
    text: `SELECT DISTINCT tenant_id, rail_account_id FROM transfers.transfers
      WHERE state = 'waiting_for_funds' LIMIT $1`,
    values: [limit],
  };
}
