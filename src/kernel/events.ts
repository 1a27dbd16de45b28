/** Whether a stored value is what the payload's type says. */
type Check<T> = (value: unknown) => value is T;
export type Shape<P> = { readonly [K in keyof P]-?: Check<P[K]> };

export const text: Check<string> = (value) => typeof value === 'string';
export const textOrNull: Check<string | null> = (value): value is string | null =>
  value === null || typeof value === 'string';

export function oneOf<T extends string>(values: readonly T[]): Check<T> {
  return (value): value is T => values.includes(value as T);
}

export function shaped<P extends object>(shape: Shape<P>): Check<P> {
  const checks = Object.entries<Check<unknown>>(shape);
  return (value): value is P =>
    typeof value === 'object' &&
    value !== null &&
    checks.every(([key, check]) => check((value as Record<string, unknown>)[key]));
}

/** An event to be published: a wire name and a payload of ids and states, without personal data. */
export interface DomainEvent<P extends object = object> {
  readonly name: string;
  readonly payload: P;
}

/** A stored payload lacks a field that its event type declares, or has it in another form. */
export class InvalidEventPayload extends Error {
  constructor(name: string) {
    super(`The stored payload of ${name} does not have the form that this version reads.`);
  }
}

/** A kind of event. Publishers make events with `of`; event handlers name the types they subscribe to. */
export class EventType<P extends object> {
  private readonly isPayload: Check<P>;

  constructor(
    readonly name: string,
    shape: Shape<P>,
  ) {
    this.isPayload = shaped(shape);
  }

  of(payload: P): DomainEvent<P> {
    return { name: this.name, payload };
  }

  /** @throws InvalidEventPayload */
  read(payload: unknown): P {
    if (this.isPayload(payload)) return payload;
    throw new InvalidEventPayload(this.name);
  }
}

/**
 * `defineEvent<TransferFact>('transfer.completed', { transfer_id: text, … })`: in the publishing module's
 * contract. A row of an older version that lacks a declared field fails in its handler and is parked, so a
 * field that is added later is optional in the shape, or the event gets a new name.
 */
export function defineEvent<P extends object>(name: string, shape: Shape<P>): EventType<P> {
  return new EventType(name, shape);
}
