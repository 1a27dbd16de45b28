import type { Sql } from '../../database';

/**
 * Deletes old delivered events together with their claims. A claim is deleted only with its event: without it,
 * an event that is delivered again would be handled again. Parked events stay, with their payload.
 */
export function purgeDelivered(p: { olderThanMs: number; limit: number }): Sql<{ purged: bigint }> {
  return {
    text: `
      WITH old AS (
        SELECT o.tenant_id, o.id FROM platform.outbox o
         WHERE o.delivered_at < now() - $1 * interval '1 millisecond'
           AND NOT EXISTS (SELECT 1 FROM platform.event_failures f WHERE f.tenant_id = o.tenant_id
             AND f.event_id = o.id AND f.parked_at IS NOT NULL)
         ORDER BY o.delivered_at LIMIT $2 FOR UPDATE SKIP LOCKED
      ), events AS (
        DELETE FROM platform.outbox o USING old WHERE o.tenant_id = old.tenant_id AND o.id = old.id
          RETURNING o.tenant_id, o.id
      ), claims AS (
        DELETE FROM platform.inbox i USING events e WHERE i.tenant_id = e.tenant_id AND i.event_id = e.id
      ), failures AS (
        DELETE FROM platform.event_failures f USING events e WHERE f.tenant_id = e.tenant_id
          AND f.event_id = e.id
      )
      SELECT count(*) AS purged FROM events`,
    values: [p.olderThanMs, p.limit],
  };
}
