import type { TenantId } from '../../../../../kernel/ids';
import type { Sql } from '../../../../../platform/database';
import type { DueQuestion } from '../../../application/ports';

export interface RouteRow {
  readonly tenant_id: TenantId;
  readonly id: string;
}

/**
 * Runs as the system. The oldest of every tenant come first, then the second oldest: a tenant with a thousand
 * settlements does not stand before one with a single one. The states are those of the partial index
 * settlements_due.
 */
export function dueSettlements({ states, tenant, perTenant }: DueQuestion): Sql<RouteRow> {
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

/**
 * From a minute to an hour by the database clock, so that one settlement that cannot be expanded does not
 * take the place of others.
 */
export function deferSettlement(id: string, reason: string): Sql<unknown> {
  return {
    text: `UPDATE settlements.settlements
              SET failures = failures + 1, last_failure = $2,
                due_at = now() + LEAST(interval '1 minute' * power(2, LEAST(failures, 6)), interval '1 hour')
            WHERE id = $1`,
    values: [id, reason],
  };
}

export function noteFailure(id: string, reason: string): Sql<unknown> {
  return { text: `UPDATE settlements.settlements SET last_failure = $2 WHERE id = $1`, values: [id, reason] };
}
