import type { Sql } from '../../../../../platform/database';
import type { DueItemRow } from './settlements.sql';

/** Runs as the system. A checked job that stays open moves to the end of its tenant's order. */
export function findProcessingJobs(tenant: string | null, perTenant: number): Sql<DueItemRow> {
  return {
    text: `SELECT tenant_id, id FROM (
             SELECT tenant_id, id, row_number() OVER (PARTITION BY tenant_id ORDER BY checked_at, id) AS nth
               FROM settlements.payout_jobs WHERE status = 'processing'
                 AND ($1::uuid IS NULL OR tenant_id = $1)
           ) waiting WHERE nth <= $2 ORDER BY nth, tenant_id`,
    values: [tenant, perTenant],
  };
}

export function touchJob(id: string): Sql<unknown> {
  return { text: `UPDATE settlements.payout_jobs SET checked_at = now() WHERE id = $1`, values: [id] };
}
