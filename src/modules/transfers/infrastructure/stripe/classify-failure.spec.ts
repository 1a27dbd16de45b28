import { classifyFailure, type StripeFailure } from './classify-failure';

const kindOf = (failure: StripeFailure) => classifyFailure(failure).kind;

describe("the classification of Stripe's responses", () => {
  it.each([
    ['a refused connection', { detail: { code: 'ECONNREFUSED' } }],
    ['a name that does not resolve', { detail: { code: 'ENOTFOUND' } }],
    ['a certificate we do not trust', { detail: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } }],
    ['an expired certificate', { detail: { code: 'CERT_HAS_EXPIRED' } }],
    ["another's certificate", { detail: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } }],
    ['no route while connecting', { detail: { code: 'EHOSTUNREACH', syscall: 'connect' } }],
    [
      'refused connections to every address',
      { detail: { code: 'ECONNREFUSED', errors: [{ code: 'ECONNREFUSED' }, { code: 'ENETUNREACH' }] } },
    ],
    ['429 of the limiter', { statusCode: 429, code: 'rate_limit' }],
    ['429 of a lock', { statusCode: 429, code: 'lock_timeout' }],
  ] as [string, StripeFailure][])('takes %s for no effect', (_name, failure) => {
    expect(kindOf(failure)).toBe('no_effect');
  });

  it.each([
    ['a timeout', { detail: { code: 'ETIMEDOUT' } }],
    ['a reset', { detail: { code: 'ECONNRESET' } }],
    ['a route that was lost while waiting', { detail: { code: 'EHOSTUNREACH', syscall: 'read' } }],
    ['a network that was lost while waiting', { detail: { code: 'ENETUNREACH' } }],
    [
      'a TLS record that broke on its way back',
      { detail: { code: 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC' } },
    ],
    [
      'a TLS alert, which may come after the request',
      { detail: { code: 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE' } },
    ],
    ['a body that broke off', { detail: { code: 'ERR_STREAM_PREMATURE_CLOSE' } }],
    ['a body that is no JSON', {}],
    ['500', { statusCode: 500 }],
    ['502', { statusCode: 502 }],
    ['503', { statusCode: 503 }],
    ['504', { statusCode: 504 }],
    ['424', { statusCode: 424 }],
    ['409 while the first call runs', { statusCode: 409, code: 'idempotency_key_in_use' }],
    ['a redirect', { statusCode: 302 }],
  ] as [string, StripeFailure][])('takes %s for an unknown effect', (_name, failure) => {
    expect(kindOf(failure)).toBe('unknown');
  });

  it('counts a 500 as stored under the key unless the provider says that repeating helps', () => {
    expect(classifyFailure({ statusCode: 500 })).toMatchObject({ stored: true });
    expect(classifyFailure({ statusCode: 500, headers: { 'stripe-should-retry': 'true' } })).toMatchObject({
      stored: false,
    });
    expect(classifyFailure({ statusCode: 503 })).toMatchObject({ stored: false });
  });

  it.each([
    ['balance_insufficient', 'funds'],
    ['insufficient_capabilities_for_transfer', 'recipient'],
    ['account_closed', 'data'],
    ['account_invalid', 'data'],
    ['no_account', 'data'],
    ['transfers_not_allowed', 'data'],
  ])('400 %s is a definite refusal that %s can mend', (code, fix) => {
    expect(classifyFailure({ statusCode: 400, code })).toMatchObject({
      kind: 'refused',
      fix,
      providerCode: code,
    });
  });

  it('takes a missing resource for wrong data', () => {
    expect(classifyFailure({ statusCode: 404, code: 'resource_missing' })).toMatchObject({
      kind: 'refused',
      fix: 'data',
    });
  });

  it('decides by code, not by the class stripe-node happens to use', () => {
    expect(
      classifyFailure({ type: 'StripeInvalidRequestError', statusCode: 400, code: 'balance_insufficient' }),
    ).toMatchObject({ kind: 'refused', fix: 'funds' });
    expect(
      classifyFailure({ type: 'StripeAPIError', statusCode: 409, code: 'idempotency_key_in_use' }),
    ).toMatchObject({ kind: 'unknown', soon: true });
  });

  it('takes other parameters under the same key for our own defect', () => {
    expect(kindOf({ statusCode: 400, type: 'idempotency_error' })).toBe('key_conflict');
    expect(kindOf({ statusCode: 400, code: 'idempotency_error' })).toBe('key_conflict');
  });

  it('stops the account on a wrong key or missing permission', () => {
    expect(kindOf({ statusCode: 401 })).toBe('misconfigured');
    expect(kindOf({ statusCode: 403 })).toBe('misconfigured');
  });

  it('takes other parameter errors for permanent', () => {
    expect(kindOf({ statusCode: 400, code: 'parameter_invalid_integer' })).toBe('rejected');
    expect(kindOf({ statusCode: 400, code: 'new_code', headers: { 'stripe-should-retry': 'true' } })).toBe(
      'no_effect',
    );
  });
});
