import type { Sql } from '../../database';

/** Counts one failed try of each event and parks those that reach the limit. Returns the parked ones. */
export function recordFailures(p: {
  tenant: string;
  consumer: string;
  ids: string[];
  errors: string[];
  triesMax: number;
}): Sql<{ event_id: string }> {
  return {
    name: 'outbox-record-failures',
    text: `
      WITH written AS (
        INSERT INTO platform.event_failures AS f (tenant_id, event_id, consumer, tries, error, parked_at)
        SELECT $1, e.id, $2, 1, e.error, CASE WHEN 1 >= $5 THEN now() END FROM unnest($3::uuid[], $4::text[])
          AS e (id, error) ORDER BY e.id
        ON CONFLICT (tenant_id, event_id, consumer) DO UPDATE
          SET tries = f.tries + 1, error = excluded.error, failed_at = now(), parked_at = CASE
            WHEN f.tries + 1 >= $5 THEN coalesce(f.parked_at, now()) END
        RETURNING event_id, parked_at)
      SELECT event_id FROM written WHERE parked_at IS NOT NULL`,
    values: [p.tenant, p.consumer, p.ids, p.errors, p.triesMax],
  };
}

export interface ParkedRow {
  readonly event_id: string;
  readonly name: string;
  readonly consumer: string;
  readonly tries: number;
  readonly error: string;
  readonly parked_at: Date;
}

export function listParked(p: { limit: number }): Sql<ParkedRow> {
  return {
    text: `SELECT f.event_id, o.name, f.consumer, f.tries, f.error, f.parked_at
             FROM platform.event_failures f JOIN platform.outbox o ON o.tenant_id = f.tenant_id
               AND o.id = f.event_id
            WHERE f.parked_at IS NOT NULL ORDER BY f.parked_at DESC LIMIT $1`,
    values: [p.limit],
  };
}

/** Deletes the failure and makes the event due again; the inbox skips consumers that have handled it. */
export function releaseParked(p: { tenant: string; consumer: string; ids: string[] }): Sql<never> {
  return {
    text: `
      WITH released AS (
        DELETE FROM platform.event_failures WHERE tenant_id = $1 AND consumer = $2
          AND event_id = ANY($3::uuid[]) AND parked_at IS NOT NULL RETURNING tenant_id, event_id)
      UPDATE platform.outbox o SET delivered_at = NULL, available_at = now(), tries = 0 FROM released r
        WHERE o.tenant_id = r.tenant_id AND o.id = r.event_id`,
    values: [p.tenant, p.consumer, p.ids],
  };
}
