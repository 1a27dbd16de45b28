import type { CallOutcome } from '../../domain/call-outcome';

/** The fields of a stripe-node error that decide. Its class and message do not count: they change. */
export interface StripeFailure {
  readonly type?: string;
  readonly statusCode?: number;
  readonly code?: string;
  readonly requestId?: string;
  readonly headers?: Record<string, string | undefined>;
  /** The socket's own error when the connection failed. */
  readonly detail?: unknown;
}

/**
 * Failures before any byte was sent: name resolution, refused connection, a certificate that we do not accept.
 * Other TLS failures are not here: a broken record or an alert may arrive after the request was read.
 */
const NEVER_LEFT = new RegExp(
  '^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|CERT_.*|SELF_SIGNED_CERT.*|DEPTH_ZERO_.*|UNABLE_TO_.*|' +
    'ERR_TLS_CERT_ALTNAME_INVALID)$',
);
/** Prove something only while connecting: an open connection can end with these codes, too. */
const NO_ROUTE = /^(EHOSTUNREACH|ENETUNREACH)$/;
const RECIPIENT_CAN_FIX = 'insufficient_capabilities_for_transfer';
const DATA_IS_WRONG = new Set([
  'account_closed',
  'account_invalid',
  'no_account',
  'transfers_not_allowed',
  'resource_missing',
]);

type Rest = Pick<CallOutcome, 'httpStatus' | 'providerCode' | 'providerRequestId'>;

/**
 * Classifies the failure of one call; the table is in docs/invariants.md F6
 * (https://docs.stripe.com/error-low-level).
 */
export function classifyFailure(failure: StripeFailure): CallOutcome {
  const status = failure.statusCode ?? null;
  const rest: Rest = {
    httpStatus: status,
    providerCode: failure.code ?? null,
    providerRequestId: failure.requestId ?? null,
  };
  if (status === null) return connectionFailure(failure, rest);
  if (status >= 500 || status === 424)
    return {
      ...rest,
      kind: 'unknown',
      reason: 'stripe_server_error',
      stored: status === 500 && !shouldRetry(failure),
      soon: false,
    };
  if (status === 401) return { ...rest, kind: 'misconfigured', reason: 'stripe_permission_error' };
  if (status === 403) return { ...rest, kind: 'misconfigured', reason: 'stripe_permission_error' };
  if (status === 429) return { ...rest, kind: 'no_effect', reason: 'stripe_rate_limit' };
  if (status === 409)
    return { ...rest, kind: 'unknown', reason: 'stripe_api_error', stored: false, soon: true };
  if (status < 400)
    return { ...rest, kind: 'unknown', reason: 'stripe_unknown_error', stored: false, soon: false };
  return clientError(failure, rest);
}

function clientError(failure: StripeFailure, rest: Rest): CallOutcome {
  const code = failure.code ?? '';
  if (
    code === 'idempotency_error' ||
    failure.type === 'idempotency_error' ||
    failure.type === 'StripeIdempotencyError'
  )
    return { ...rest, kind: 'key_conflict', reason: 'stripe_invalid_request' };
  if (code === 'balance_insufficient')
    return { ...rest, kind: 'refused', reason: 'insufficient_funds', fix: 'funds' };
  if (code === RECIPIENT_CAN_FIX)
    return { ...rest, kind: 'refused', reason: 'stripe_invalid_account', fix: 'recipient' };
  if (DATA_IS_WRONG.has(code))
    return { ...rest, kind: 'refused', reason: 'stripe_invalid_account', fix: 'data' };
  if (shouldRetry(failure)) return { ...rest, kind: 'no_effect', reason: 'stripe_api_error' };
  return { ...rest, kind: 'rejected', reason: 'stripe_invalid_request' };
}

/** Without a status no response arrived whole. Only a failure before the first byte proves that nothing happened. */
function connectionFailure(failure: StripeFailure, rest: Rest): CallOutcome {
  const code = textOf(failure.detail, 'code');
  const neverLeft =
    code &&
    (NEVER_LEFT.test(code) || (NO_ROUTE.test(code) && textOf(failure.detail, 'syscall') === 'connect'));
  if (neverLeft) return { ...rest, kind: 'no_effect', reason: 'stripe_connection_error' };
  const timedOut = code === 'ETIMEDOUT' || code === 'ESOCKETTIMEDOUT';
  return {
    ...rest,
    kind: 'unknown',
    reason: timedOut ? 'stripe_timeout' : 'stripe_connection_error',
    stored: false,
    soon: false,
  };
}

function textOf(detail: unknown, field: 'code' | 'syscall'): string | null {
  const text = (detail as Partial<Record<typeof field, unknown>> | null | undefined)?.[field];
  return typeof text === 'string' ? text : null;
}

/** Authoritative when present. */
function shouldRetry(failure: StripeFailure): boolean {
  return failure.headers?.['stripe-should-retry'] === 'true';
}
