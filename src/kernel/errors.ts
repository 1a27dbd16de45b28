/** What a refusal means to a caller; the HTTP layer turns it into a status. */
export type ErrorKind = 'invalid' | 'conflict' | 'not_found' | 'forbidden' | 'unavailable';

/**
 * A refusal that people may read: `code` is stable and snake_case, `message` is plain words without secrets.
 */
export abstract class DomainError extends Error {
  abstract readonly code: string;
  abstract readonly kind: ErrorKind;
  readonly details?: Record<string, unknown>;

  constructor(message: string, details?: Record<string, unknown>) {
    super(message);
    this.name = new.target.name;
    if (details) this.details = details;
  }
}

/**
 * What only a person can change outside of the program keeps it from starting, or a command from running:
 * told without a stack.
 */
export class Misconfigured extends Error {}

/** What a program says before it ends: a refusal in its own words, a defect with its stack. */
export function exitMessage(error: unknown): string {
  if (error instanceof DomainError || error instanceof Misconfigured) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** A state does not allow what was asked; names both sides. */
export class InvalidTransition extends DomainError {
  readonly code = 'invalid_transition';
  readonly kind = 'conflict';
  /** `what` in the words of the domain: 'transfer', 'payout job'. */
  constructor(what: string, from: string, to: string) {
    super(`A ${what} cannot go from ${from} to ${to}.`, { from, to });
  }
}
