import { type EventHandler, EventSubscriptions } from './outbox';

/** A handler without its types: payloads and prefetched values only pass through the relay. */
export type AnyEventHandler = EventHandler<object, unknown>;

export class RegisteredHandlers extends EventSubscriptions {
  private readonly byConsumer = new Map<string, AnyEventHandler>();
  private readonly subscribed = new Set<string>();

  register<P extends object, Prefetched>(handler: EventHandler<P, Prefetched>): void {
    if (this.byConsumer.has(handler.consumer))
      throw new Error(`The consumer ${handler.consumer} is registered twice.`);
    this.byConsumer.set(handler.consumer, handler as unknown as AnyEventHandler);
    handler.events.forEach(({ name }) => this.subscribed.add(name));
  }

  isSubscribed(name: string): boolean {
    return this.subscribed.has(name);
  }

  all(): AnyEventHandler[] {
    return [...this.byConsumer.values()];
  }
}
