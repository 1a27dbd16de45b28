import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultKind } from './faults/kinds';
import { count } from './log';
import type { CallRecord, Stats } from './log';
import { serverError, StripeFailure } from './wire/failure';

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function answerOf(failure: StripeFailure): Answer {
  return { status: failure.status, body: failure.toJson(), headers: failure.headers };
}

/** What is no answer of Stripe is a defect of ours: it must be seen, and must not end the process. */
export function failureOf(error: unknown): StripeFailure {
  if (error instanceof StripeFailure) return error;
  process.stderr.write(
    `STRIPE SIMULATOR: a defect of the simulator itself: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return serverError('The simulator has a defect; see its standard error.');
}

/**
 * One call on the wire: every way in which it can end is a method, and each ends the record of the call too.
 */
export class Exchange {
  private isCountedLost = false;

  constructor(
    readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    readonly record: CallRecord,
    private readonly stats: Stats,
  ) {}

  /** Notes that a planned fault was really applied to this call. */
  struck(kind: FaultKind, carried: boolean): void {
    this.record.fault = kind;
    this.record.carried = carried;
    if (carried) this.stats.carried_faults += 1;
    else count(this.stats.by_fault, kind);
  }

  answer(answer: Answer): void {
    if (this.request.socket.destroyed) {
      this.end(answer, 'lost');
      return this.countLostEffect();
    }
    this.end(answer, 'answered');
    this.writeHead(answer);
    this.response.end(answer.body);
  }

  refuse(failure: StripeFailure): void {
    this.record.error_code = failure.body.code ?? failure.body.type;
    this.answer(answerOf(failure));
  }

  /** The connection is reset instead of an answer; `answer` is what it would have been, if there was one. */
  reset(answer: Answer | null): void {
    this.end(answer, 'lost');
    this.countLostEffect();
    this.request.socket.resetAndDestroy();
  }

  /** Never answers; the connection stays open until the caller or the simulator closes it. */
  hang(answer: Answer | null): void {
    this.end(answer, 'hung');
    this.countLostEffect();
  }

  /** Promises the whole body, sends half of it and resets. */
  resetMidBody(answer: Answer): void {
    this.end(answer, 'lost');
    this.countLostEffect();
    this.writeHead(answer);
    const half = answer.body.slice(0, answer.body.length >>> 1);
    // Both turns give the half time to leave: a reset discards what still waits to be sent.
    this.response.write(half, () => setImmediate(() => this.request.socket.destroy()));
  }

  /** Answers something that does not tell of the effect. */
  mislead(answer: Answer): void {
    this.countLostEffect();
    this.answer(answer);
  }

  /** The effect happened and the caller was not told, or was told something else. */
  countLostEffect(): void {
    if (!this.record.effect || this.isCountedLost) return;
    this.isCountedLost = true;
    this.stats.answers_lost_after_effect += 1;
  }

  private end(answer: Answer | null, outcome: CallRecord['outcome']): void {
    this.record.outcome = outcome;
    this.record.status = answer?.status ?? null;
    count(this.stats.by_status, String(answer?.status ?? 'none'));
  }

  private writeHead(answer: Answer): void {
    const { record } = this;
    const headers: Record<string, string | number> = {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(answer.body),
      'Request-Id': record.request_id,
      'X-Simulated': 'not-stripe',
      ...answer.headers,
    };
    if (record.idempotency_key !== null) headers['Idempotency-Key'] = record.idempotency_key;
    const version = this.request.headers['stripe-version'];
    if (typeof version === 'string') headers['Stripe-Version'] = version;
    this.response.writeHead(answer.status, headers);
  }
}
