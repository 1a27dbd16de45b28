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

interface Told extends ReceivedEvent<Record<string, unknown>> {
  readonly tenant: TenantId;
}

/**
 * The outbox with a relay that is moved by hand: rows are written as always, and a handler runs when the
 * test says so, as often and in the order the test wants. The relay that runs by itself is tested with the
 * platform.
 */
export class HandDeliveredOutbox extends Outbox implements EventSubscriptions {
  readonly told: Told[] = [];
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
    const told = events.map((event) => ({
      name: event.name,
      payload: { ...event.payload },
      id: newId(),
      occurredAt,
      tenant,
    }));
    this.uow.afterCommit(tx, async () => void this.told.push(...told));
    return this.stored.pendingWrites(tx, events, audited);
  }

  register<P extends object, Prefetched>(handler: EventHandler<P, Prefetched>): void {
    this.handlers.push(handler as unknown as EventHandler<object, unknown>);
  }

  of(tenant: TenantId, name?: string): Told[] {
    return this.told.filter((event) => event.tenant === tenant && (!name || event.name === name));
  }

  /** Delivers what was told under this name, and forgets it. Answers how many there were. */
  async deliver(tenant: TenantId, name: string): Promise<number> {
    const events = this.of(tenant, name);
    for (const event of events) this.told.splice(this.told.indexOf(event as Told), 1);
    if (events.length) await this.react(tenant, events);
    return events.length;
  }

  async react(tenant: TenantId, events: readonly ReceivedEvent[]): Promise<void> {
    const name = events[0]?.name ?? '';
    for (const handler of this.handlers.filter((candidate) =>
      candidate.events.some((event) => event.name === name),
    )) {
      const prepared = await handler.prefetch?.(tenant, events);
      await this.uow.run(tenant, (tx) => handler.handle(tx, events, prepared));
    }
  }
}
