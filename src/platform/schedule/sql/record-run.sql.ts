import type { Sql } from '../../database';
import type { RunSummary } from '../schedule';

export interface RunKey {
  readonly name: string;
  readonly period: string;
  readonly instance: string;
}

/** Writes only while no other process has taken the run over. */
export function heartbeat(k: RunKey): Sql<never> {
  return {
    name: 'schedule-heartbeat',
    text: `UPDATE platform.scheduled_runs SET heartbeat_at = clock_timestamp() WHERE name = $1 AND period = $2
      AND instance = $3 AND finished_at IS NULL`,
    values: [k.name, k.period, k.instance],
  };
}

export function finishRun(k: RunKey, summary: RunSummary | null, error: string | null): Sql<never> {
  return {
    name: 'schedule-finish-run',
    text: `UPDATE platform.scheduled_runs
              SET finished_at = clock_timestamp(), heartbeat_at = clock_timestamp(), found = $4, done = $5,
                failed = $6, skipped = $7::jsonb, error = $8
            WHERE name = $1 AND period = $2 AND instance = $3 AND finished_at IS NULL`,
    values: [
      k.name,
      k.period,
      k.instance,
      summary?.found ?? null,
      summary?.done ?? null,
      summary?.failed ?? null,
      summary ? JSON.stringify(summary.skipped) : null,
      error,
    ],
  };
}

export function purgeRuns(p: { olderThanMs: number }): Sql<never> {
  return {
    text: `DELETE FROM platform.scheduled_runs WHERE started_at < now() - $1 * interval '1 millisecond'`,
    values: [p.olderThanMs],
  };
}
