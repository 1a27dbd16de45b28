import type { Sql } from '../../../../../platform/database';
import { FINAL_STATUSES, type TransferStatus } from '../../../contract';

const FINAL = [...FINAL_STATUSES];

/** Uses the index (tenant, job, state). A counter would be one hot row. */
export function countJobTransfers(
  tenantId: string,
  jobId: string,
): Sql<{ state: TransferStatus; count: bigint }> {
  return {
    text: `SELECT state, count(*) AS count FROM transfers.transfers WHERE tenant_id = $1 AND job_id = $2
      GROUP BY state`,
    values: [tenantId, jobId],
  };
}

/**
 * Probes the index (tenant, job, state) once for each open state, so a job of a million finished transfers
 * costs as little as a small one. For `=` with a limit the planner expects an early match and reads the whole
 * table when there is none (170 ms at 20,000 rows); `>=` with an order uses the index (0.1 ms).
 */
export function findAnyOpen(
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

export function findFailedOfJob(tenantId: string, jobId: string, limit: number): Sql<{ id: string }> {
  return {
    text: `
      SELECT id FROM transfers.transfers
       WHERE tenant_id = $1 AND job_id = $2 AND state = 'failed_terminal' ORDER BY id LIMIT $3`,
    values: [tenantId, jobId, limit],
  };
}

/** Per reserved account: the sum of transfers that are not final. */
export function sumReserved(tenantId: string): Sql<{
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
