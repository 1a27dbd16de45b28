import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticate, onBehalfOf } from './authentication';
import { answerOf, Exchange, failureOf } from './exchange';
import type { Answer } from './exchange';
import { strikeAfterEffect } from './faults/after-effect';
import { strikeBeforeLayer } from './faults/before-layer';
import type { Strike } from './faults/fault-plan';
import { RateLimiter } from './rate-limiter';
import type { Call } from './routes/call';
import { findRoute } from './routes/router';
import type { Found } from './routes/router';
import type { KeyEntry } from './state/idempotency';
import type { Platform } from './state/platform';
import type { World } from './state/world';
import { invalidRequest, keyInUse, keyReused, rateLimited, serverError, unrecognised } from './wire/failure';
import { fingerprint, Params } from './wire/params';

const KEY_LENGTH_MAX = 255;

interface Running {
  readonly exchange: Exchange;
  readonly found: Found;
  readonly call: Call;
  readonly strike: Strike | null;
}

/**
 * Stripe's API: authentication, limits, faults, parameters, idempotency layer, effect, answer, in this order.
 */
export class Gateway {
  private readonly limiter = new RateLimiter();
  private readonly startedMs = Date.now();
  private requests = 0;

  constructor(private readonly world: World) {}

  handle(request: IncomingMessage, response: ServerResponse, body: string): void {
    const exchange = this.open(request, response, body);
    try {
      this.run(exchange, request, body);
    } catch (error) {
      exchange.refuse(failureOf(error));
    }
  }

  private open(request: IncomingMessage, response: ServerResponse, body: string): Exchange {
    const { world } = this;
    const url = request.url ?? '/';
    const cut = url.indexOf('?');
    const path = cut < 0 ? url : url.slice(0, cut);
    const query = cut < 0 ? '' : url.slice(cut + 1);
    const key = request.headers['idempotency-key'];
    this.requests += 1;
    world.stats.calls += 1;
    const record = world.calls.add({
      seq: world.calls.nextSeq(),
      at_ms: world.clock.nowMs(),
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
    return new Exchange(request, response, record, world.stats);
  }

  private run(exchange: Exchange, request: IncomingMessage, body: string): void {
    const { record } = exchange;
    const platform = authenticate(this.world, request.headers);
    record.platform = platform.id;
    const found = findRoute(record.method, record.path);
    if (found === null) throw unrecognised(record.method, record.path);
    if (!this.limiter.allows(platform, `${record.method} ${found.route.path}`)) {
      this.world.stats.rate_limited += 1;
      throw rateLimited();
    }
    const call = this.callOf(exchange, request, platform, found, body);
    const strike = this.decide(exchange, found, platform);
    if (strike !== null && strikeBeforeLayer(strike, exchange)) return;
    if (strike?.kind === 'list_lags') {
      call.lagMs = strike.options.lag_ms ?? 5000;
      exchange.struck('list_lags', strike.carried);
    }
    found.route.check?.(call);
    this.enterLayer({ exchange, found, call, strike });
  }

  private callOf(
    exchange: Exchange,
    request: IncomingMessage,
    platform: Platform,
    found: Found,
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
      world: this.world,
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

  private decide(exchange: Exchange, found: Found, platform: Platform): Strike | null {
    if (this.world.faults.isIdle) return null;
    const { record } = exchange;
    const key = record.idempotency_key;
    const { strike, nth } = this.world.faults.decide({
      method: record.method,
      path: record.path,
      query: record.query,
      platform: platform.id,
      idempotencyKey: key,
      transferGroup: record.transfer_group,
      destination: record.destination,
      metadata: record.metadata,
      isList: found.route.isList === true,
      isRepeat: key !== null && platform.idempotency.knows(key, this.world.clock.nowMs()),
    });
    record.nth = nth;
    return strike;
  }

  private enterLayer(running: Running): void {
    const { exchange, call } = running;
    const { record } = exchange;
    if (record.idempotency_key === null) return this.work(running, null);
    const seen = call.platform.idempotency.begin(
      record.idempotency_key,
      record.path,
      record.params_hash,
      this.world.clock.nowMs(),
    );
    if (seen.state === 'running') {
      this.world.stats.conflicts += 1;
      throw keyInUse(record.idempotency_key);
    }
    if (seen.state === 'other_parameters') throw keyReused(record.idempotency_key, seen.samePath);
    if (seen.state === 'fresh') return this.work(running, seen.entry);
    record.replayed = true;
    this.world.stats.replays += 1;
    const headers = {
      ...seen.answer.headers,
      'Idempotent-Replayed': 'true',
      'Original-Request': seen.answer.requestId,
    };
    this.finish(running, { status: seen.answer.status, body: seen.answer.body, headers });
  }

  /**
   * The key is taken from here on: a second call with it meets 409 until the answer stands, also when the
   * caller is gone.
   */
  private work(running: Running, entry: KeyEntry | null): void {
    const { strike, exchange } = running;
    const isSlow = strike?.kind === 'slow' && strike.options.when !== 'after';
    const slowMs = isSlow
      ? (strike.options.delay_ms ?? 1000)
      : strike?.kind === 'conflict'
        ? (strike.options.delay_ms ?? 0)
        : 0;
    if (isSlow) exchange.struck('slow', strike.carried);
    const delayMs = slowMs + this.world.delayMs;
    if (delayMs === 0) return this.effect(running, entry);
    if (strike?.kind === 'conflict') {
      exchange.struck('conflict', strike.carried);
      exchange.refuse(keyInUse(exchange.record.idempotency_key ?? ''));
      this.world.later(delayMs, () => {
        this.effectOf(running, entry);
        exchange.countLostEffect();
      });
      return;
    }
    this.world.later(delayMs, () => this.effect(running, entry));
  }

  private effect(running: Running, entry: KeyEntry | null): void {
    this.finish(running, this.effectOf(running, entry));
  }

  /** Lets it happen (or not, if the fault says so), and keeps the answer under the key. */
  private effectOf(running: Running, entry: KeyEntry | null): Answer {
    const { exchange, strike, call } = running;
    const kind = strike?.kind;
    let answer: Answer;
    if (strike !== null && kind === 'error_500_without_effect') answer = failed(exchange, strike);
    else answer = this.happen(running);
    if (strike !== null && kind === 'error_500_with_effect') answer = failed(exchange, strike);
    if (entry !== null) {
      entry.answer = { ...answer, requestId: exchange.record.request_id };
      if (this.world.journal !== null) this.world.keep('idempotency', call.platform, entry);
    }
    return answer;
  }

  private happen({ found, call, exchange }: Running): Answer {
    try {
      const body = found.route.run(call);
      if (found.route.method === 'POST') {
        exchange.record.effect = true;
        exchange.record.object_id = call.objectId;
        this.world.stats.effects += 1;
      }
      return { status: 200, body };
    } catch (error) {
      const failure = failureOf(error);
      exchange.record.error_code = failure.body.code ?? failure.body.type;
      return answerOf(failure);
    }
  }

  private finish({ strike, exchange }: Running, answer: Answer): void {
    if (strike === null) exchange.answer(answer);
    else strikeAfterEffect(strike, exchange, answer, this.world);
  }
}

function failed(exchange: Exchange, strike: Strike): Answer {
  exchange.struck(strike.kind, strike.carried);
  exchange.countLostEffect();
  exchange.record.error_code = 'api_error';
  return answerOf(serverError());
}
