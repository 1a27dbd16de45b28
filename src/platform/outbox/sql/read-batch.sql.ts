import type { Sql } from '../../database';

export interface EventRow {
  readonly id: string;
  readonly name: string;
  readonly payload: object;
  readonly occurred_at: Date;
  /** Consumers that have handled it, or for which it is parked. */
  readonly settled: string[];
  /** Consumers that failed on it. */
  readonly failed: string[];
}

/** The batch with what each consumer did. Events that another process delivered meanwhile are left out. */
export function readBatch(p: { tenant: string; ids: string[] }): Sql<EventRow> {
  return {
    name: 'outbox-read-batch',
    text: `
      SELECT o.id, o.name, o.payload, o.occurred_at,
             ARRAY(SELECT i.consumer FROM platform.inbox i WHERE i.tenant_id = o.tenant_id
               AND i.event_id = o.id
                   UNION ALL
                   SELECT f.consumer FROM platform.event_failures f WHERE f.tenant_id = o.tenant_id
                     AND f.event_id = o.id AND f.parked_at IS NOT NULL) AS settled,
             ARRAY(SELECT f.consumer FROM platform.event_failures f WHERE f.tenant_id = o.tenant_id
               AND f.event_id = o.id) AS failed
        FROM platform.outbox o
       WHERE o.tenant_id = $1 AND o.id = ANY($2::uuid[]) AND o.delivered_at IS NULL
       ORDER BY o.id`,
    values: [p.tenant, p.ids],
  };
}
