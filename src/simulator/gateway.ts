import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticate, onBehalfOf } from './authentication';
import { Exchange, failureOf } from './exchange';
import { applyFaultBeforeLayer } from './faults/before-layer';
import type { PlannedFault } from './faults/fault-plan';
import { IdempotencyLayer } from './idempotency-layer';
import { RateLimiter } from './rate-limiter';
import type { Call } from './routes/call';
import { findRoute } from './routes/router';
import type { RouteMatch } from './routes/router';
import type { Platform } from './state/platform';
import type { Simulation } from './state/simulation';
import { invalidRequest, rateLimited, unrecognised } from './wire/failure';
import { fingerprint, Params } from './wire/params';

const KEY_LENGTH_MAX = 255;

/**
 * Stripe's API: authentication, limits, faults, parameters, idempotency layer, effect, response, in this order.
 */
export class Gateway {
  private readonly limiter = new RateLimiter();
  private readonly startedMs = Date.now();
  private readonly layer: IdempotencyLayer;
  private requests = 0;

  constructor(private readonly simulation: Simulation) {
    this.layer = new IdempotencyLayer(simulation);
  }

  handle(request: IncomingMessage, response: ServerResponse, body: string): void {
    const exchange = this.open(request, response, body);
    try {
      this.run(exchange, request, body);
    } catch (error) {
      exchange.reject(failureOf(error));
    }
  }

  private open(request: IncomingMessage, response: ServerResponse, body: string): Exchange {
    const { simulation } = this;
    const url = request.url ?? '/';
    const cut = url.indexOf('?');
    const path = cut < 0 ? url : url.slice(0, cut);
    const query = cut < 0 ? '' : url.slice(cut + 1);
    const key = request.headers['idempotency-key'];
    this.requests += 1;
    simulation.stats.calls += 1;
    const record = simulation.calls.add({
      seq: simulation.calls.nextSeq(),
      at_ms: simulation.clock.nowMs(),
      method: request.method ?? 'GET',
      path,
      query,
      request_id: `req_sim_${this.startedMs.toString(36)}${this.requests.toString(36).padStart(6, '0')}`,
      idempotency_key: typeof key === 'string' && request.method === 'POST' ? key : null,
      platform: null,
      transfer_group: null,
      destination: null,
      metadata: null,
      params_hash: fingerprint(path, body === '' ? query : body),
      nth: 0,
      fault: null,
      carried: false,
      effect: false,
      object_id: null,
      replayed: false,
      status: null,
      error_code: null,
      outcome: 'pending',
    });
    return new Exchange(request, response, record, simulation.stats);
  }

  private run(exchange: Exchange, request: IncomingMessage, body: string): void {
    const { record } = exchange;
    const platform = authenticate(this.simulation, request.headers);
    record.platform = platform.id;
    const found = findRoute(record.method, record.path);
    if (found === null) throw unrecognised(record.method, record.path);
    if (!this.limiter.allows(platform, `${record.method} ${found.route.path}`)) {
      this.simulation.stats.rate_limited += 1;
      throw rateLimited();
    }
    const call = this.callOf(exchange, request, platform, found, body);
    const fault = this.decide(exchange, found, platform);
    if (fault !== null && applyFaultBeforeLayer(fault, exchange)) return;
    if (fault?.kind === 'list_lags') {
      call.lagMs = fault.options.lag_ms ?? 5000;
      exchange.recordFault('list_lags', fault.carried);
    }
    found.route.check?.(call);
    this.layer.enter({ exchange, found, call, fault });
  }

  private callOf(
    exchange: Exchange,
    request: IncomingMessage,
    platform: Platform,
    found: RouteMatch,
    body: string,
  ): Call {
    const { record } = exchange;
    if (record.idempotency_key !== null && record.idempotency_key.length > KEY_LENGTH_MAX) {
      throw invalidRequest(`Idempotency keys can have up to ${KEY_LENGTH_MAX} characters.`);
    }
    const params = Params.parse(record.method === 'POST' ? body : record.query);
    record.transfer_group = params.text('transfer_group') ?? null;
    record.destination = params.text('destination') ?? null;
    if (record.method === 'POST') record.metadata = params.object('metadata');
    return {
      simulation: this.simulation,
      platform,
      path: record.path,
      params,
      ids: found.ids,
      requestId: record.request_id,
      idempotencyKey: record.idempotency_key,
      onBehalfOf: onBehalfOf(platform, request.headers),
      origin: `http://${request.headers.host ?? '127.0.0.1'}`,
      lagMs: 0,
      objectId: null,
    };
  }

  private decide(exchange: Exchange, found: RouteMatch, platform: Platform): PlannedFault | null {
    if (this.simulation.faults.isIdle) return null;
    const { record } = exchange;
    const key = record.idempotency_key;
    const { fault, nth } = this.simulation.faults.decide({
      method: record.method,
      path: record.path,
      query: record.query,
      platform: platform.id,
      idempotencyKey: key,
      transferGroup: record.transfer_group,
      destination: record.destination,
      metadata: record.metadata,
      isList: found.route.isList === true,
      isRepeat: key !== null && platform.idempotency.has(key, this.simulation.clock.nowMs()),
    });
    record.nth = nth;
    return fault;
  }
}
