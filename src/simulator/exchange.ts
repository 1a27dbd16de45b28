import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultKind } from './faults/kinds';
import { count } from './log';
import type { CallRecord, Stats } from './log';
import { serverError, StripeFailure } from './wire/failure';

export interface StripeResponse {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function responseOf(failure: StripeFailure): StripeResponse {
  return { status: failure.status, body: failure.toJson(), headers: failure.headers };
}

/** An error that is no response of Stripe is a defect of the simulator: reported, without ending the process. */
export function failureOf(error: unknown): StripeFailure {
  if (error instanceof StripeFailure) return error;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`STRIPE SIMULATOR: a defect of the simulator itself: ${detail}\n`);
  return serverError('The simulator has a defect; see its standard error.');
}

/**
 * One call on the wire. Each way in which it can end is a method, which completes the record of the call too.
 */
export class Exchange {
  private isCountedLost = false;

  constructor(
    readonly request: IncomingMessage,
    private readonly serverResponse: ServerResponse,
    readonly record: CallRecord,
    private readonly stats: Stats,
  ) {}

  /** Records that a planned fault was applied to this call. */
  recordFault(kind: FaultKind, carried: boolean): void {
    this.record.fault = kind;
    this.record.carried = carried;
    if (carried) this.stats.carried_faults += 1;
    else count(this.stats.by_fault, kind);
  }

  respond(response: StripeResponse): void {
    if (this.request.socket.destroyed) {
      this.end(response, 'lost');
      return this.countLostEffect();
    }
    this.end(response, 'answered');
    this.writeHead(response);
    this.serverResponse.end(response.body);
  }

  reject(failure: StripeFailure): void {
    this.record.error_code = failure.body.code ?? failure.body.type;
    this.respond(responseOf(failure));
  }

  /** The connection is reset instead of a response; `response` is what it would have been, if there was one. */
  reset(response: StripeResponse | null): void {
    this.end(response, 'lost');
    this.countLostEffect();
    this.request.socket.resetAndDestroy();
  }

  /** Sends no response; the connection stays open until the caller or the simulator closes it. */
  hang(response: StripeResponse | null): void {
    this.end(response, 'hung');
    this.countLostEffect();
  }

  /** Announces the length of the whole body, sends half of it and resets the connection. */
  resetMidBody(response: StripeResponse): void {
    this.end(response, 'lost');
    this.countLostEffect();
    this.writeHead(response);
    const half = response.body.slice(0, response.body.length >>> 1);
    // The callback and the extra tick let the half be sent: a reset discards what is still buffered.
    this.serverResponse.write(half, () => setImmediate(() => this.request.socket.destroy()));
  }

  /** Sends a response that hides the effect. */
  mislead(response: StripeResponse): void {
    this.countLostEffect();
    this.respond(response);
  }

  /** The effect happened, and the caller got no response or a false one. */
  countLostEffect(): void {
    if (!this.record.effect || this.isCountedLost) return;
    this.isCountedLost = true;
    this.stats.answers_lost_after_effect += 1;
  }

  private end(response: StripeResponse | null, outcome: CallRecord['outcome']): void {
    this.record.outcome = outcome;
    this.record.status = response?.status ?? null;
    count(this.stats.by_status, String(response?.status ?? 'none'));
  }

  private writeHead(response: StripeResponse): void {
    const { record } = this;
    const headers: Record<string, string | number> = {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(response.body),
      'Request-Id': record.request_id,
      'X-Simulated': 'not-stripe',
      ...response.headers,
    };
    if (record.idempotency_key !== null) headers['Idempotency-Key'] = record.idempotency_key;
    const version = this.request.headers['stripe-version'];
    if (typeof version === 'string') headers['Stripe-Version'] = version;
    this.serverResponse.writeHead(response.status, headers);
  }
}
