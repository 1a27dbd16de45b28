import type { Sql } from '../../../../../platform/database';
import { FINAL_STATUSES, type TransferStatus } from '../../../contract';

const FINAL = [...FINAL_STATUSES];

/** By the index (tenant, job, state); never a counter. */
export function countByState(tenantId: string, jobId: string): Sql<{ state: TransferStatus; count: bigint }> {
  return {
    text: `SELECT state, count(*) AS count FROM transfers.transfers WHERE tenant_id = $1 AND job_id = $2
      GROUP BY state`,
    values: [tenantId, jobId],
  };
}

/**
 * Jumps to each open state in the index (tenant, job, state) and looks whether something is there: a job of a
 * million finished transfers costs as little as a small one. `>=` with an order, because for `=` with a limit
 * the planner reads the table, sure to meet such a row soon; where there is none it read all of it, once for
 * each state (170 ms at 20,000 rows, 0.1 ms so).
 */
export function anyOpen(
  tenantId: string,
  jobId: string,
  openStates: readonly TransferStatus[],
): Sql<{ open: boolean }> {
  return {
    name: 'any_open_transfers',
    text: `
      SELECT EXISTS (
        SELECT 1 FROM unnest($3::text[]) AS s(state)
         CROSS JOIN LATERAL (SELECT t.state FROM transfers.transfers t
                              WHERE t.tenant_id = $1 AND t.job_id = $2 AND t.state >= s.state ORDER BY t.state
                                LIMIT 1) next
         WHERE next.state = s.state
      ) AS open`,
    values: [tenantId, jobId, openStates],
  };
}

/** Oldest first: ids are in the order of time. */
export function waitingForFunds(
  tenantId: string,
  railAccountId: string,
  currency: string,
  limit: number,
): Sql<{ id: string; amount_minor: bigint }> {
  return {
    text: `
      SELECT id, amount_minor FROM transfers.transfers
       WHERE tenant_id = $1 AND rail_account_id = $2 AND currency = $3 AND state = 'waiting_for_funds'
         AND due_at IS NULL
       ORDER BY id LIMIT $4`,
    values: [tenantId, railAccountId, currency, limit],
  };
}

export function blockedOn(tenantId: string, recipientIds: readonly string[]): Sql<{ id: string }> {
  return {
    text: `
      SELECT id FROM transfers.transfers
       WHERE tenant_id = $1 AND recipient_id = ANY($2::uuid[]) AND state = 'blocked_recipient'
         AND due_at IS NULL`,
    values: [tenantId, recipientIds],
  };
}

export function failedOfJob(tenantId: string, jobId: string, limit: number): Sql<{ id: string }> {
  return {
    text: `
      SELECT id FROM transfers.transfers
       WHERE tenant_id = $1 AND job_id = $2 AND state = 'failed_terminal' ORDER BY id LIMIT $3`,
    values: [tenantId, jobId, limit],
  };
}

/** As the system: which accounts have transfers that wait for money. */
export function waitingAccounts(limit: number): Sql<{ tenant_id: string; rail_account_id: string }> {
  return {
    text: `SELECT DISTINCT tenant_id, rail_account_id FROM transfers.transfers
      WHERE state = 'waiting_for_funds' LIMIT $1`,
    values: [limit],
  };
}

/** What transfers that are not final hold, by the account that must hold it too. */
export function reservedByTransfers(tenantId: string): Sql<{
  recipient_id: string;
  purpose: 'award' | 'payout' | 'reward';
  currency: string;
  amount_minor: string;
}> {
  return {
    text: `
      SELECT recipient_id, purpose, currency, sum(amount_minor)::text AS amount_minor FROM transfers.transfers
       WHERE tenant_id = $1 AND state <> ALL($2::text[])
       GROUP BY recipient_id, purpose, currency`,
    values: [tenantId, FINAL],
  };
}
