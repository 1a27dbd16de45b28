import type { Sql } from '../../database';

export interface StateRow {
  readonly pending: bigint;
  readonly oldest_at: Date | null;
  readonly parked: bigint;
}

/** Counts up to a limit, so that a backlog of millions does not make the query slow. */
export function outboxState(p: { limit: number }): Sql<StateRow> {
  return {
    text: `SELECT count(*) AS pending, min(occurred_at)
      AS oldest_at, (SELECT count(*) FROM platform.event_failures WHERE parked_at IS NOT NULL) AS parked
             FROM (SELECT occurred_at FROM platform.outbox WHERE delivered_at IS NULL LIMIT $1) waiting`,
    values: [p.limit],
  };
}
