import { type EventHandler, EventSubscriptions } from './outbox';

/** What a consumer prepares is its own affair; here it only passes through. */
export type AnyEventHandler = EventHandler<unknown>;

export class RegisteredHandlers extends EventSubscriptions {
  private readonly byConsumer = new Map<string, AnyEventHandler>();
  private readonly heard = new Set<string>();

  register<P>(reaction: EventHandler<P>): void {
    if (this.byConsumer.has(reaction.consumer))
      throw new Error(`the consumer ${reaction.consumer} is registered twice`);
    this.byConsumer.set(reaction.consumer, reaction as AnyEventHandler);
    reaction.events.forEach((name) => this.heard.add(name));
  }

  isSubscribed(name: string): boolean {
    return this.heard.has(name);
  }

  all(): AnyEventHandler[] {
    return [...this.byConsumer.values()];
  }
}
