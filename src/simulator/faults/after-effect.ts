import { responseOf } from '../exchange';
import type { StripeResponse, Exchange } from '../exchange';
import { keyInUse } from '../wire/failure';
import type { Simulation } from '../state/simulation';
import type { PlannedFault } from './fault-plan';
import type { FaultKind } from './kinds';

/** One megabyte of well-formed JSON that is not the requested object. */
const HUGE = JSON.stringify({ id: 'junk_sim', object: 'junk', padding: 'x'.repeat(1024 * 1024) });

function changed(body: string, change: (object: Record<string, unknown>) => void): string {
  const object = JSON.parse(body) as Record<string, unknown>;
  change(object);
  return JSON.stringify(object);
}

/** Bodies that misreport an effect. Only successes are falsified: an error names no amount. */
const GARBLED: Partial<Record<FaultKind, (body: string) => string>> = {
  broken_json: (body) => body.slice(0, body.length >>> 1),
  empty_200: () => '',
  huge_body: () => HUGE,
  wrong_amount: (body) => changed(body, (object) => (object['amount'] = Number(object['amount']) + 1)),
  wrong_currency: (body) =>
    changed(body, (object) => (object['currency'] = object['currency'] === 'eur' ? 'usd' : 'eur')),
  wrong_destination: (body) => changed(body, (object) => (object['destination'] = 'acct_sim_other')),
};

/** Ends the call after its effect (or its error): the fault decides what the caller receives. */
export function applyFaultAfterEffect(
  fault: PlannedFault,
  exchange: Exchange,
  response: StripeResponse,
  simulation: Simulation,
): void {
  const { kind, options } = fault;
  const garbled = response.status === 200 ? GARBLED[kind] : undefined;
  if (garbled !== undefined) exchange.mislead({ ...response, body: garbled(response.body) });
  else if (kind === 'lose_answer') exchange.reset(response);
  else if (kind === 'hang_after_effect') exchange.hang(response);
  else if (kind === 'reset_mid_body') exchange.resetMidBody(response);
  else if (kind === 'conflict') exchange.mislead(responseOf(keyInUse(exchange.record.idempotency_key ?? '')));
  else if (kind === 'slow' && options.when === 'after')
    simulation.schedule(options.delay_ms ?? 1000, () => exchange.respond(response));
  else return exchange.respond(response);
  exchange.recordFault(kind, fault.carried);
}
