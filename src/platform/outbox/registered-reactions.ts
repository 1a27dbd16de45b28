import { type Reaction, Reactions } from './outbox';

/** What a consumer prepares is its own affair; here it only passes through. */
export type AnyReaction = Reaction<unknown>;

export class RegisteredReactions extends Reactions {
  private readonly byConsumer = new Map<string, AnyReaction>();
  private readonly heard = new Set<string>();

  register<P>(reaction: Reaction<P>): void {
    if (this.byConsumer.has(reaction.consumer))
      throw new Error(`the consumer ${reaction.consumer} is registered twice`);
    this.byConsumer.set(reaction.consumer, reaction as AnyReaction);
    reaction.events.forEach((name) => this.heard.add(name));
  }

  isHeard(name: string): boolean {
    return this.heard.has(name);
  }

  all(): AnyReaction[] {
    return [...this.byConsumer.values()];
  }
}
