import type { DomainEvent } from '../../../kernel/events';
import { newId, type TenantId } from '../../../kernel/ids';
import type { Sql } from '../../database';

/**
 * One statement for any number of events. Payloads are sent as text, because pg would encode a list of objects
 * as a list of arrays.
 */
export function insertEvents(tenant: TenantId, events: readonly DomainEvent[]): Sql<never> {
  return {
    name: 'outbox-insert-events',
    text: `INSERT INTO platform.outbox (tenant_id, id, name, payload)
           SELECT $1, e.id, e.name, e.payload::jsonb FROM unnest($2::uuid[], $3::text[], $4::text[])
             AS e (id, name, payload)`,
    values: [
      tenant,
      events.map(() => newId()),
      events.map(({ name }) => name),
      events.map(({ payload }) => JSON.stringify(payload)),
    ],
  };
}
