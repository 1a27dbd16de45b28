import { answerOf } from '../exchange';
import type { Answer, Exchange } from '../exchange';
import { keyInUse } from '../wire/failure';
import type { World } from '../state/world';
import type { Strike } from './fault-plan';
import type { FaultKind } from './kinds';

/** One megabyte of well-formed JSON that is not what was asked for. Made once. */
const HUGE = JSON.stringify({ id: 'junk_sim', object: 'junk', padding: 'x'.repeat(1024 * 1024) });

function changed(body: string, change: (object: Record<string, unknown>) => void): string {
  const object = JSON.parse(body) as Record<string, unknown>;
  change(object);
  return JSON.stringify(object);
}

/** Bodies that lie about an effect. Only successes are falsified: a refusal names no amount. */
const GARBLED: Partial<Record<FaultKind, (body: string) => string>> = {
  broken_json: (body) => body.slice(0, body.length >>> 1),
  empty_200: () => '',
  huge_body: () => HUGE,
  wrong_amount: (body) => changed(body, (object) => (object['amount'] = Number(object['amount']) + 1)),
  wrong_currency: (body) =>
    changed(body, (object) => (object['currency'] = object['currency'] === 'eur' ? 'usd' : 'eur')),
  wrong_destination: (body) => changed(body, (object) => (object['destination'] = 'acct_sim_somebody_else')),
};

/** Ends the call: the effect has happened (or was refused), what the caller learns is up to the fault. */
export function strikeAfterEffect(strike: Strike, exchange: Exchange, answer: Answer, world: World): void {
  const { kind, options } = strike;
  const garbled = answer.status === 200 ? GARBLED[kind] : undefined;
  if (garbled !== undefined) exchange.mislead({ ...answer, body: garbled(answer.body) });
  else if (kind === 'lose_answer') exchange.reset(answer);
  else if (kind === 'hang_after_effect') exchange.hang(answer);
  else if (kind === 'reset_mid_body') exchange.resetMidBody(answer);
  else if (kind === 'conflict') exchange.mislead(answerOf(keyInUse(exchange.record.idempotency_key ?? '')));
  else if (kind === 'slow' && options.when === 'after')
    world.later(options.delay_ms ?? 1000, () => exchange.answer(answer));
  else return exchange.answer(answer);
  exchange.struck(kind, strike.carried);
}
