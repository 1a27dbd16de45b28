import type { Exchange } from '../exchange';
import {
  keyInUse,
  lockTimeout,
  rateLimited,
  serverError,
  unauthorized,
  unavailable,
  forbidden,
} from '../wire/failure';
import type { StripeFailure } from '../wire/failure';
import type { Strike } from './fault-plan';
import type { FaultKind } from './kinds';

type Refusal = (strike: Strike, key: string) => StripeFailure;

/** Answers that stand before the idempotency layer: nothing happens and nothing is kept. */
const REFUSALS: Partial<Record<FaultKind, Refusal>> = {
  rate_limited: ({ options }) => rateLimited(options.retry_after_s),
  lock_timeout: () => lockTimeout(),
  error_500_before_layer: () => serverError(),
  list_fails: () => serverError('The list could not be read (simulated).'),
  server_503: () => unavailable(),
  unauthorized_401: () => unauthorized('Invalid API Key provided: sk_test_**** (simulated)'),
  forbidden_403: () =>
    forbidden('The provided key does not have the required permissions for this endpoint (simulated).'),
};

/** True when the fault has ended the call. */
export function strikeBeforeLayer(strike: Strike, exchange: Exchange): boolean {
  const { kind } = strike;
  const key = exchange.record.idempotency_key ?? '';
  const bare = kind === 'conflict' && strike.options.with_effect === false ? keyInUse(key) : undefined;
  const refusal = bare ?? REFUSALS[kind]?.(strike, key);
  if (refusal !== undefined) exchange.refuse(refusal);
  else if (kind === 'lose_request') exchange.reset(null);
  else if (kind === 'hang_before_effect') exchange.hang(null);
  else if (kind === 'redirect_302')
    exchange.answer({ status: 302, body: '', headers: { Location: 'http://redirected.simulator.invalid/' } });
  else return false;
  exchange.struck(kind, strike.carried);
  return true;
}
