/** The class of an error; the HTTP layer maps it to a status. */
export type ErrorKind = 'invalid' | 'conflict' | 'not_found' | 'forbidden' | 'unavailable';

type Details = Record<string, unknown>;

/** An error that may be shown to a caller: a stable snake_case `code`, and a message without secrets. */
export abstract class DomainError extends Error {
  abstract readonly code: string;
  abstract readonly kind: ErrorKind;
  readonly details?: Details;

  constructor(message: string, details?: Details) {
    super(message);
    this.name = new.target.name;
    if (details) this.details = details;
  }
}

/** A message, and the details that the problem document carries beside it. */
export type ErrorText = string | readonly [message: string, details: Details];

type DomainErrorClass<Code extends string, Kind extends ErrorKind, Args extends unknown[]> = new (
  ...args: Args
) => DomainError & { readonly code: Code; readonly kind: Kind };

/**
 * The base class of an error with one code: `class PayoutNotFound extends domainError('payout_not_found',
 * 'not_found', 'There is no such payout.') {}`. A message with parts is a function of the constructor's
 * arguments. Without a message, the constructor takes it.
 */
export function domainError<Code extends string, Kind extends ErrorKind>(
  code: Code,
  kind: Kind,
): DomainErrorClass<Code, Kind, [message: string, details?: Details]>;
export function domainError<Code extends string, Kind extends ErrorKind, Args extends unknown[]>(
  code: Code,
  kind: Kind,
  text: (...args: Args) => ErrorText,
): DomainErrorClass<Code, Kind, Args>;
export function domainError<Code extends string, Kind extends ErrorKind>(
  code: Code,
  kind: Kind,
  text: ErrorText,
): DomainErrorClass<Code, Kind, []>;
export function domainError(
  code: string,
  kind: ErrorKind,
  text: ErrorText | ((...args: never[]) => ErrorText) = (...args: [string, Details]) => args,
): DomainErrorClass<string, ErrorKind, never[]> {
  return class extends DomainError {
    readonly code = code;
    readonly kind = kind;

    constructor(...args: never[]) {
      const message = typeof text === 'function' ? text(...args) : text;
      if (typeof message === 'string') super(message);
      else super(...(message as [string, Details]));
    }
  };
}

/** The program or a command cannot start until its configuration changes; printed without a stack. */
export class Misconfigured extends Error {}

/** What a program prints before it ends: an expected error's message, a defect with its stack. */
export function exitMessage(error: unknown): string {
  if (error instanceof DomainError || error instanceof Misconfigured) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The current state does not allow the change; names both states. */
export class InvalidTransition extends domainError(
  'invalid_transition',
  'conflict',
  // `what` is the domain's noun: 'transfer', 'payout job'.
  (what: string, from: string, to: string) => [`A ${what} cannot go from ${from} to ${to}.`, { from, to }],
) {}
