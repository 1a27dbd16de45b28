import type { TenantId } from '../../kernel/ids';
import type { Tx, PendingWrite } from '../../kernel/tx';
import type { Audited } from '../audit';

/**
 * A fact to be told. `name` is the wire name, `transfer.completed`; the payload holds ids only, no personal
 * data.
 */
export interface OutboxEvent {
  readonly name: string;
  readonly payload: Record<string, unknown>;
}

/** A fact as its readers get it. */
export interface ReceivedEvent {
  readonly id: string;
  readonly name: string;
  readonly occurredAt: Date;
  readonly payload: Record<string, unknown>;
}

export abstract class Outbox {
  /**
   * Writes the events into the caller's transaction: they are told if and only if it commits, at least once,
   * in no promised order.
   * `audited` is kept with the audit trail by the same statement, for ways on which a round trip counts.
   */
  abstract publish(tx: Tx, events: readonly OutboxEvent[], audited?: Audited): Promise<void>;
  /** The same, to be written with other things by `UnitOfWork.write`. */
  abstract pendingWrites(tx: Tx, events: readonly OutboxEvent[], audited: readonly Audited[]): PendingWrite[];
}

/**
 * Who reacts to facts. It gets lists of one tenant, up to 500 events, each at most once per consumer: the
 * claim
 * `(consumer, event id)` is part of the transaction `react` runs in. A throw undoes the list and has it tried again in halves.
 */
export interface EventHandler<P = void> {
  /** Stable, since it is stored: `settlements.on-transfer-finished`. */
  readonly consumer: string;
  /** Wire names. */
  readonly events: readonly string[];
  /**
   * Runs outside any transaction and may read at a provider; it may see events that `react` then no longer
   * gets.
   */
  prefetch?(tenant: TenantId, events: readonly ReceivedEvent[]): Promise<P>;
  handle(tx: Tx, events: readonly ReceivedEvent[], prepared: P): Promise<void>;
}

export abstract class EventSubscriptions {
  /** Called in onModuleInit; a consumer name that is taken is a defect and throws. */
  abstract register<P>(reaction: EventHandler<P>): void;
}
