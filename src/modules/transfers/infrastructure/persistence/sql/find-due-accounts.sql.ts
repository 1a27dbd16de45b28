import type { Sql } from '../../../../../platform/database';

export interface DueAccount {
  readonly tenant_id: string;
  readonly rail_account_id: string;
}

/**
 * Accounts with due work, found by a skip scan over (tenant, account): one index probe per account, however
 * many rows it has. A DISTINCT would read a large settlement's every row to learn one name, and an EXISTS of
 * something due the whole table where nothing is: the planner is sure to meet such a row soon. Runs as the
 * system: routing columns only.
 */
export function findDueAccounts(limit: number): Sql<DueAccount> {
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

/**
 * What is in doubt is little, and transfers_state finds it: a backlog that is due for long is not read for
 * it.
 */
export function findAccountsInDoubt(tenants: readonly string[]): Sql<DueAccount> {
  return {
    text: `
      SELECT DISTINCT t.tenant_id, t.rail_account_id FROM transfers.transfers t
       WHERE t.tenant_id = ANY($1::uuid[]) AND t.state IN ('processing', 'unknown')
         AND t.due_at <= statement_timestamp()`,
    values: [tenants],
  };
}
