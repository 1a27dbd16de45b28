import type { DomainEvent } from '../../../../src/kernel/events';
import { newId, type TenantId } from '../../../../src/kernel/ids';
import type { Tx, UnitOfWork, PendingWrite } from '../../../../src/kernel/tx';
import type { Audited } from '../../../../src/platform/audit';
import {
  Outbox,
  type EventHandler,
  EventSubscriptions,
  type ReceivedEvent,
} from '../../../../src/platform/outbox';
import { PostgresOutbox } from '../../../../src/platform/outbox/postgres-outbox';

interface PublishedEvent extends ReceivedEvent<Record<string, unknown>> {
  readonly tenant: TenantId;
}

/**
 * The real outbox without a relay: the test delivers events itself, in any order and more than once. The relay
 * has tests of its own.
 */
export class ManualOutbox extends Outbox implements EventSubscriptions {
  readonly published: PublishedEvent[] = [];
  private readonly handlers: EventHandler<object, unknown>[] = [];
  private readonly stored: Outbox;

  constructor(private readonly uow: UnitOfWork) {
    super();
    this.stored = new PostgresOutbox(uow, () => undefined);
  }

  async publish(tx: Tx, events: readonly DomainEvent[], audited?: Audited): Promise<void> {
    if (events.length > 0) await this.uow.write(tx, this.pendingWrites(tx, events, audited ? [audited] : []));
  }

  pendingWrites(tx: Tx, events: readonly DomainEvent[], audited: readonly Audited[]): PendingWrite[] {
    const tenant = this.uow.tenantOf(tx);
    const occurredAt = new Date();
    const published = events.map((event) => ({
      name: event.name,
      payload: { ...event.payload },
      id: newId(),
      occurredAt,
      tenant,
    }));
    this.uow.afterCommit(tx, async () => void this.published.push(...published));
    return this.stored.pendingWrites(tx, events, audited);
  }

  register<P extends object, Prefetched>(handler: EventHandler<P, Prefetched>): void {
    this.handlers.push(handler as unknown as EventHandler<object, unknown>);
  }

  of(tenant: TenantId, name?: string): PublishedEvent[] {
    return this.published.filter((event) => event.tenant === tenant && (!name || event.name === name));
  }

  /** Delivers and removes all events with this name. Returns their number. */
  async deliver(tenant: TenantId, name: string): Promise<number> {
    const events = this.of(tenant, name);
    for (const event of events) this.published.splice(this.published.indexOf(event as PublishedEvent), 1);
    if (events.length) await this.handle(tenant, events);
    return events.length;
  }

  async handle(tenant: TenantId, events: readonly ReceivedEvent[]): Promise<void> {
    const name = events[0]?.name ?? '';
    for (const handler of this.handlers.filter((candidate) =>
      candidate.events.some((event) => event.name === name),
    )) {
      const prefetched = await handler.prefetch?.(tenant, events);
      await this.uow.run(tenant, (tx) => handler.handle(tx, events, prefetched));
    }
  }
}
