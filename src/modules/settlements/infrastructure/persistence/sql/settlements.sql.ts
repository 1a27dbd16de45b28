import type { TenantId } from '../../../../../kernel/ids';
import type { Sql } from '../../../../../platform/database';
import type { DueQuery } from '../../../application/ports';

export interface DueItemRow {
  readonly tenant_id: TenantId;
  readonly id: string;
}

/**
 * Runs as the system. Returns the oldest of every tenant first, then the second oldest, so that a tenant with a
 * thousand settlements does not delay one with a single settlement. The excluded states are those of the
 * partial index settlements_due.
 */
export function findDueSettlements({ states, tenant, perTenant }: DueQuery): Sql<DueItemRow> {
  return {
    text: `SELECT tenant_id, id FROM (
             SELECT tenant_id, id, row_number() OVER (PARTITION BY tenant_id ORDER BY due_at, id) AS nth
               FROM settlements.settlements
              WHERE state NOT IN ('rejected', 'cancelled', 'expanded') AND state = ANY($1) AND due_at <= now()
                AND ($2::uuid IS NULL OR tenant_id = $2)
           ) waiting WHERE nth <= $3 ORDER BY nth, tenant_id`,
    values: [states, tenant, perTenant],
  };
}

/** Makes it due after a minute, then two, up to an hour, so that failing settlements do not fill each run. */
export function deferSettlement(id: string, reason: string): Sql<unknown> {
  return {
    text: `UPDATE settlements.settlements
              SET failures = failures + 1, last_failure = $2,
                due_at = now() + LEAST(interval '1 minute' * power(2, LEAST(failures, 6)), interval '1 hour')
            WHERE id = $1`,
    values: [id, reason],
  };
}

export function noteSettlementFailure(id: string, reason: string): Sql<unknown> {
  return { text: `UPDATE settlements.settlements SET last_failure = $2 WHERE id = $1`, values: [id, reason] };
}
