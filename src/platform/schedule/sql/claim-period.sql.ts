import type { Sql } from '../../database';

export interface PeriodRow {
  readonly period: string;
  readonly claimed: boolean;
  readonly next_in_ms: bigint;
}

/**
 * Takes the period in which the database's clock stands: the clocks of five machines are five clocks. A run
 * whose process gave no sign of life for `staleMs` is taken over. Answers also how long this period still
 * lasts.
 */
export function claimPeriod(p: {
  name: string;
  everyMs: number;
  instance: string;
  staleMs: number;
}): Sql<PeriodRow> {
  return {
    name: 'schedule-claim-period',
    text: `
      WITH clock AS (
        SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms
      ), slot AS (
        SELECT to_char(to_timestamp((now_ms - now_ms % $2::bigint) / 1000.0) AT TIME ZONE 'UTC',
          'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS period,
               $2::bigint - now_ms % $2::bigint AS next_in_ms
          FROM clock
      ), taken AS (
        INSERT INTO platform.scheduled_runs AS r (name, period, instance) SELECT $1, period, $3 FROM slot
        ON CONFLICT (name, period) DO UPDATE
          SET instance = excluded.instance, started_at = clock_timestamp(), heartbeat_at = clock_timestamp()
          WHERE r.finished_at IS NULL AND r.heartbeat_at < clock_timestamp() - $4 * interval '1 millisecond'
        RETURNING r.period
      )
      SELECT slot.period, EXISTS (SELECT 1 FROM taken) AS claimed, slot.next_in_ms FROM slot`,
    values: [p.name, p.everyMs, p.instance, p.staleMs],
  };
}

/** A run outside the shared periods: manual, or of one process. */
export function beginRun(p: { name: string; period: string; instance: string }): Sql<never> {
  return {
    name: 'schedule-begin-run',
    text: `INSERT INTO platform.scheduled_runs (name, period, instance) VALUES ($1, $2, $3)`,
    values: [p.name, p.period, p.instance],
  };
}
