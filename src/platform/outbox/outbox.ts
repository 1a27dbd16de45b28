import type { DomainEvent, EventType } from '../../kernel/events';
import type { TenantId } from '../../kernel/ids';
import type { Tx, PendingWrite } from '../../kernel/tx';
import type { Audited } from '../audit';

/** An event as a handler receives it. */
export interface ReceivedEvent<P extends object = object> {
  readonly id: string;
  /** The wire name. */
  readonly name: string;
  readonly occurredAt: Date;
  readonly payload: P;
}

export abstract class Outbox {
  /**
   * Writes the events in the caller's transaction. They are delivered if and only if it commits, at least
   * once, in no defined order. `audited` is written to the audit trail by the same message, where a round trip
   * counts.
   */
  abstract publish(tx: Tx, events: readonly DomainEvent[], audited?: Audited): Promise<void>;
  /** The same writes, to be sent together with others by `UnitOfWork.write`. */
  abstract pendingWrites(tx: Tx, events: readonly DomainEvent[], audited: readonly Audited[]): PendingWrite[];
}

/**
 * Handles events with the payload P. It receives batches of one tenant, up to 500 events, each at most once
 * per consumer: the claim `(consumer, event id)` in the inbox is part of the transaction that `handle` runs
 * in. When it throws, the batch is rolled back and delivered again in halves.
 */
export interface EventHandler<P extends object = object, Prefetched = void> {
  /** Stored with each claim, so it never changes: `settlements.on-transfer-finished`. */
  readonly consumer: string;
  readonly events: readonly EventType<P>[];
  /**
   * Runs outside any transaction and may read at a provider. It may see events that `handle` does not receive,
   * because another process delivered them in between.
   */
  prefetch?(tenant: TenantId, events: readonly ReceivedEvent<P>[]): Promise<Prefetched>;
  handle(tx: Tx, events: readonly ReceivedEvent<P>[], prefetched: Prefetched): Promise<void>;
}

export abstract class EventSubscriptions {
  /** Called in onModuleInit; throws when the consumer name is taken. */
  abstract register<P extends object, Prefetched>(handler: EventHandler<P, Prefetched>): void;
}
