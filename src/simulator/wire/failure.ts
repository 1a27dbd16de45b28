/** What Stripe puts under "error"; only what a client of Stripe may read. */
export interface FailureBody {
  readonly type: 'api_error' | 'invalid_request_error' | 'idempotency_error' | 'card_error';
  readonly code?: string;
  readonly message: string;
  readonly param?: string;
  readonly doc_url?: string;
}

/**
 * A response that is not a 2xx: an exception inside the simulator, an ordinary response on the wire.
 */
export class StripeFailure extends Error {
  constructor(
    readonly status: number,
    readonly body: FailureBody,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(body.message);
  }

  toJson(): string {
    return JSON.stringify({ error: this.body });
  }
}

function documented(code: string): string {
  return `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`;
}

export function invalidRequest(message: string, code?: string, param?: string, status = 400): StripeFailure {
  return new StripeFailure(status, {
    type: 'invalid_request_error',
    ...(code === undefined ? {} : { code, doc_url: documented(code) }),
    message,
    ...(param === undefined ? {} : { param }),
  });
}

export function missing(what: string, id: string, param = 'id'): StripeFailure {
  return invalidRequest(`No such ${what}: '${id}'`, 'resource_missing', param, 404);
}

export function parameterMissing(param: string): StripeFailure {
  return invalidRequest(`Missing required param: ${param}.`, 'parameter_missing', param);
}

export function invalidInteger(param: string, message: string): StripeFailure {
  return invalidRequest(message, 'parameter_invalid_integer', param);
}

export function unrecognised(method: string, path: string): StripeFailure {
  return invalidRequest(
    `Unrecognized request URL (${method}: ${path}). This is the Stripe simulator; it has only a part of Stripe's API.`,
    undefined,
    undefined,
    404,
  );
}

/** Clients must not repeat these: its own idempotency store would only replay them. */
export function serverError(message = 'An unexpected error occurred (simulated).'): StripeFailure {
  return new StripeFailure(500, { type: 'api_error', message }, { 'Stripe-Should-Retry': 'false' });
}

export function unavailable(): StripeFailure {
  return new StripeFailure(503, {
    type: 'api_error',
    message: 'Stripe is temporarily unavailable (simulated).',
  });
}

export function rateLimited(retryAfterSeconds?: number): StripeFailure {
  return new StripeFailure(
    429,
    {
      type: 'invalid_request_error',
      code: 'rate_limit',
      doc_url: documented('rate_limit'),
      message:
        'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.',
    },
    {
      'Stripe-Rate-Limited-Reason': 'endpoint-rate',
      ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
    },
  );
}

export function lockTimeout(): StripeFailure {
  return new StripeFailure(
    429,
    {
      type: 'invalid_request_error',
      code: 'lock_timeout',
      doc_url: documented('lock_timeout'),
      message:
        'This object cannot be accessed right now because another API request or Stripe process is accessing it.',
    },
    { 'Stripe-Should-Retry': 'true' },
  );
}

export function keyInUse(key: string): StripeFailure {
  return new StripeFailure(409, {
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    doc_url: documented('idempotency_key_in_use'),
    message:
      `There is currently another in-progress request using this Idempotent Key '${key}' ` +
      '(that probably means you submitted twice, and the other request is still going through).',
  });
}

export function keyReused(key: string, sameEndpoint: boolean): StripeFailure {
  const what = sameEndpoint
    ? 'with the same parameters they were first used with'
    : 'for the same endpoint they were first used for';
  return new StripeFailure(400, {
    type: 'idempotency_error',
    message:
      `Keys for idempotent requests can only be used ${what}. ` +
      `Try using a key other than '${key}' if you meant to execute a different request.`,
  });
}

export function unauthorized(message: string, code?: string): StripeFailure {
  return new StripeFailure(401, {
    type: 'invalid_request_error',
    ...(code === undefined ? {} : { code }),
    message,
  });
}

export function forbidden(message: string, code?: string): StripeFailure {
  return new StripeFailure(403, {
    type: 'invalid_request_error',
    ...(code === undefined ? {} : { code }),
    message,
  });
}
