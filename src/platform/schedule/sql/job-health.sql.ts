import type { Sql } from '../../database';
import type { RunSummary } from '../schedule';

/** Begins the period of a manual run. */
export const BY_HAND = 'manual:';

export interface HealthRow {
  readonly name: string;
  readonly last_started_at: Date | null;
  readonly last_success_at: Date | null;
  readonly found: number | null;
  readonly done: number | null;
  readonly failed: number | null;
  readonly skipped: RunSummary['skipped'] | null;
  readonly last_error_at: Date | null;
  readonly last_error: string | null;
  readonly running: boolean;
}

/**
 * From the newest backwards, one look-up per job and question, so that old runs cost nothing. Runs by hand
 * are left out: a tenant may ask for one, which must neither hide that the scheduler stands still nor be seen
 * by another tenant.
 */
export function jobHealth(p: { names: string[]; staleMs: number }): Sql<HealthRow> {
  const newest = (where: string) =>
    `SELECT * FROM platform.scheduled_runs r WHERE r.name = j.name
      AND r.period NOT LIKE '${BY_HAND}%' ${where} ORDER BY r.started_at DESC LIMIT 1`;
  return {
    text: `
      SELECT j.name, latest.started_at AS last_started_at, good.finished_at
        AS last_success_at, good.found, good.done, good.failed, good.skipped,
             bad.finished_at AS last_error_at, bad.error AS last_error,
             EXISTS (${newest(`AND r.finished_at IS NULL AND r.heartbeat_at > clock_timestamp() - $2 * interval '1 millisecond'`)})
               AS running
        FROM unnest($1::text[]) AS j (name)
        LEFT JOIN LATERAL (${newest('')}) latest ON true
        LEFT JOIN LATERAL (${newest('AND r.found IS NOT NULL')}) good ON true
        LEFT JOIN LATERAL (${newest('AND r.error IS NOT NULL')}) bad ON true`,
    values: [p.names, p.staleMs],
  };
}
