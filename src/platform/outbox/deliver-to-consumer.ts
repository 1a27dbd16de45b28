import { DomainError } from '../../kernel/errors';
import type { TenantId } from '../../kernel/ids';
import type { UnitOfWork } from '../../kernel/tx';
import { sql } from '../database';
import type { ReceivedEvent } from './outbox';
import type { AnyEventHandler } from './registered-handlers';
import { claimInInbox } from './sql/claim-in-inbox.sql';
import type { EventRow } from './sql/read-batch.sql';

export interface Undelivered {
  readonly id: string;
  readonly error: unknown;
  /** Something that the handler needs is unavailable; the event itself is fine. */
  readonly unavailable: boolean;
}

/** Delivers a batch to one event handler. A batch that fails is halved down to the failing event. */
export class DeliverToConsumer {
  constructor(private readonly uow: UnitOfWork) {}

  async deliver(
    tenant: TenantId,
    handler: AnyEventHandler,
    events: readonly EventRow[],
  ): Promise<Undelivered[]> {
    if (events.length === 0) return [];
    try {
      await this.handle(
        tenant,
        handler,
        events.map((event) => received(handler, event)),
      );
      return [];
    } catch (error) {
      // Halving would send a thousand requests to a server that is down.
      const unavailable = error instanceof DomainError && error.kind === 'unavailable';
      if (unavailable || events.length === 1) return events.map(({ id }) => ({ id, error, unavailable }));
      const middle = Math.ceil(events.length / 2);
      return [
        ...(await this.deliver(tenant, handler, events.slice(0, middle))),
        ...(await this.deliver(tenant, handler, events.slice(middle))),
      ];
    }
  }

  private async handle(
    tenant: TenantId,
    handler: AnyEventHandler,
    events: readonly ReceivedEvent[],
  ): Promise<void> {
    const { consumer } = handler;
    const prefetched = await handler.prefetch?.(tenant, events);
    await this.uow.run(tenant, async (tx) => {
      const claims = await sql(tx).rows(claimInInbox({ tenant, consumer, ids: events.map(({ id }) => id) }));
      const claimed = new Set(claims.map(({ event_id }) => event_id));
      const fresh = events.filter(({ id }) => claimed.has(id));
      if (fresh.length > 0) await handler.handle(tx, fresh, prefetched);
    });
  }
}

/** @throws InvalidEventPayload for a row of another version of the event. */
function received(handler: AnyEventHandler, { id, name, payload, occurred_at }: EventRow): ReceivedEvent {
  const type = handler.events.find((event) => event.name === name);
  return { id, name, payload: type ? type.read(payload) : payload, occurredAt: occurred_at };
}
