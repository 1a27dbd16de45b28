import { responseOf, failureOf } from './exchange';
import type { Exchange, StripeResponse } from './exchange';
import { applyFaultAfterEffect } from './faults/after-effect';
import type { PlannedFault } from './faults/fault-plan';
import type { Call } from './routes/call';
import type { RouteMatch } from './routes/router';
import type { KeyEntry } from './state/idempotency';
import type { Simulation } from './state/simulation';
import { keyInUse, keyReused, serverError } from './wire/failure';

export interface RunningCall {
  readonly exchange: Exchange;
  readonly found: RouteMatch;
  readonly call: Call;
  readonly fault: PlannedFault | null;
}

/** Stripe's idempotency layer: one effect per key; a repeated call gets the stored response. */
export class IdempotencyLayer {
  constructor(private readonly simulation: Simulation) {}

  enter(running: RunningCall): void {
    const { exchange, call } = running;
    const { record } = exchange;
    if (record.idempotency_key === null) return this.work(running, null);
    const seen = call.platform.idempotency.begin(
      record.idempotency_key,
      record.path,
      record.params_hash,
      this.simulation.clock.nowMs(),
    );
    if (seen.state === 'running') {
      this.simulation.stats.conflicts += 1;
      throw keyInUse(record.idempotency_key);
    }
    if (seen.state === 'other_parameters') throw keyReused(record.idempotency_key, seen.samePath);
    if (seen.state === 'fresh') return this.work(running, seen.entry);
    record.replayed = true;
    this.simulation.stats.replays += 1;
    const headers = {
      ...seen.response.headers,
      'Idempotent-Replayed': 'true',
      'Original-Request': seen.response.requestId,
    };
    this.finish(running, { status: seen.response.status, body: seen.response.body, headers });
  }

  /**
   * From here on the key is in use: a second call with it gets 409 until the response is stored, also after the
   * caller has disconnected.
   */
  private work(running: RunningCall, entry: KeyEntry | null): void {
    const { fault, exchange } = running;
    const isSlow = fault?.kind === 'slow' && fault.options.when !== 'after';
    const slowMs = isSlow
      ? (fault.options.delay_ms ?? 1000)
      : fault?.kind === 'conflict'
        ? (fault.options.delay_ms ?? 0)
        : 0;
    if (isSlow) exchange.recordFault('slow', fault.carried);
    const delayMs = slowMs + this.simulation.delayMs;
    if (delayMs === 0) return this.effect(running, entry);
    if (fault?.kind === 'conflict') {
      exchange.recordFault('conflict', fault.carried);
      exchange.reject(keyInUse(exchange.record.idempotency_key ?? ''));
      this.simulation.schedule(delayMs, () => {
        this.effectOf(running, entry);
        exchange.countLostEffect();
      });
      return;
    }
    this.simulation.schedule(delayMs, () => this.effect(running, entry));
  }

  private effect(running: RunningCall, entry: KeyEntry | null): void {
    this.finish(running, this.effectOf(running, entry));
  }

  /** Has the effect, unless the fault prevents it, and stores the response under the key. */
  private effectOf(running: RunningCall, entry: KeyEntry | null): StripeResponse {
    const { exchange, fault, call } = running;
    const kind = fault?.kind;
    let response: StripeResponse;
    if (fault !== null && kind === 'error_500_without_effect') response = failed(exchange, fault);
    else response = this.runRoute(running);
    if (fault !== null && kind === 'error_500_with_effect') response = failed(exchange, fault);
    if (entry !== null) {
      entry.response = { ...response, requestId: exchange.record.request_id };
      if (this.simulation.journal !== null) this.simulation.persist('idempotency', call.platform, entry);
    }
    return response;
  }

  private runRoute({ found, call, exchange }: RunningCall): StripeResponse {
    try {
      const body = found.route.run(call);
      if (found.route.method === 'POST') {
        exchange.record.effect = true;
        exchange.record.object_id = call.objectId;
        this.simulation.stats.effects += 1;
      }
      return { status: 200, body };
    } catch (error) {
      const failure = failureOf(error);
      exchange.record.error_code = failure.body.code ?? failure.body.type;
      return responseOf(failure);
    }
  }

  private finish({ fault, exchange }: RunningCall, response: StripeResponse): void {
    if (fault === null) exchange.respond(response);
    else applyFaultAfterEffect(fault, exchange, response, this.simulation);
  }
}

function failed(exchange: Exchange, fault: PlannedFault): StripeResponse {
  exchange.recordFault(fault.kind, fault.carried);
  exchange.countLostEffect();
  exchange.record.error_code = 'api_error';
  return responseOf(serverError());
}
