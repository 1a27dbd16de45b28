import type { Sql } from '../../database';

/**
 * Claims the whole batch at once, in the order of ids, so that two processes cannot deadlock. Events that are
 * not returned were handled before.
 */
export function claimInInbox(p: {
  tenant: string;
  consumer: string;
  ids: string[];
}): Sql<{ event_id: string }> {
  return {
    name: 'inbox-claim',
    text: `INSERT INTO platform.inbox (tenant_id, event_id, consumer)
           SELECT $1, e.id, $2 FROM unnest($3::uuid[]) AS e (id) ORDER BY e.id
           ON CONFLICT DO NOTHING
           RETURNING event_id`,
    values: [p.tenant, p.consumer, p.ids],
  };
}
