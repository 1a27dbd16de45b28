import { DomainError } from '../../kernel/errors';
import type { TenantId } from '../../kernel/ids';
import type { UnitOfWork } from '../../kernel/tx';
import { sql } from '../database';
import type { ReceivedEvent } from './outbox';
import type { AnyEventHandler } from './registered-handlers';
import { claimInInbox } from './sql/claim-in-inbox.sql';

export interface Undelivered {
  readonly id: string;
  readonly error: unknown;
  /** Nothing is wrong with the event: something it needs is not there at the moment. */
  readonly away: boolean;
}

/** Tells a list to one consumer, halving it where it fails, until what cannot be told stands alone. */
export class DeliverToConsumer {
  constructor(private readonly uow: UnitOfWork) {}

  async run(
    tenant: TenantId,
    reaction: AnyEventHandler,
    events: readonly ReceivedEvent[],
  ): Promise<Undelivered[]> {
    if (events.length === 0) return [];
    try {
      await this.once(tenant, reaction, events);
      return [];
    } catch (error) {
      // Halving would ask an absent server a thousand times.
      const away = error instanceof DomainError && error.kind === 'unavailable';
      if (away || events.length === 1) return events.map(({ id }) => ({ id, error, away }));
      const middle = Math.ceil(events.length / 2);
      return [
        ...(await this.run(tenant, reaction, events.slice(0, middle))),
        ...(await this.run(tenant, reaction, events.slice(middle))),
      ];
    }
  }

  private async once(
    tenant: TenantId,
    reaction: AnyEventHandler,
    events: readonly ReceivedEvent[],
  ): Promise<void> {
    const { consumer } = reaction;
    const prepared = await reaction.prefetch?.(tenant, events);
    await this.uow.run(tenant, async (tx) => {
      const claims = await sql(tx).rows(claimInInbox({ tenant, consumer, ids: events.map(({ id }) => id) }));
      const claimed = new Set(claims.map(({ event_id }) => event_id));
      const fresh = events.filter(({ id }) => claimed.has(id));
      if (fresh.length > 0) await reaction.handle(tx, fresh, prepared);
    });
  }
}
