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
import type { PlannedFault } from './fault-plan';
import type { FaultKind } from './kinds';

type Refusal = (fault: PlannedFault, key: string) => StripeFailure;

/** Errors before the idempotency layer: nothing happens and nothing is stored. */
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
export function applyFaultBeforeLayer(fault: PlannedFault, exchange: Exchange): boolean {
  const { kind } = fault;
  const key = exchange.record.idempotency_key ?? '';
  const bare = kind === 'conflict' && fault.options.with_effect === false ? keyInUse(key) : undefined;
  const refusal = bare ?? REFUSALS[kind]?.(fault, key);
  if (refusal !== undefined) exchange.reject(refusal);
  else if (kind === 'lose_request') exchange.reset(null);
  else if (kind === 'hang_before_effect') exchange.hang(null);
  else if (kind === 'redirect_302')
    exchange.respond({
      status: 302,
      body: '',
      headers: { Location: 'http://redirected.simulator.invalid/' },
    });
  else return false;
  exchange.recordFault(kind, fault.carried);
  return true;
}
