import type { InjectOptions } from 'light-my-request';
import { StrictValidation } from '../../../src/platform/http';
import { testApp, type Caller, type TestApp } from './support/test-app';

let t: TestApp;
let caller: Caller;
let keys = 0;

beforeAll(async () => {
  t = await testApp({ limits: { bodyLimitBytes: 20_000 } });
  caller = await t.caller();
});
afterAll(async () => t.close());

function post(payload: string | Buffer, headers: Record<string, string> = {}) {
  const all = { 'content-type': 'application/json', 'idempotency-key': `bad-input-${++keys}`, ...headers };
  return t.send(caller, { method: 'POST', url: '/api/v1/probe', headers: all, payload });
}

/** A body that is right but for `more`. */
const body = (more: string) => `{"amount":"1.00","currency":"USD"${more ? `,${more}` : ''}}`;
const wide = (fields: number) => `{${Array.from({ length: fields }, (_, i) => `"k${i}":0`).join(',')}}`;
const amount = (value: string) => `{"amount":${value},"currency":"USD"}`;

async function expectProblem(
  answer: Awaited<ReturnType<typeof post>>,
  status: number,
  code: string,
  field?: string,
): Promise<void> {
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  const problem = answer.json<Record<string, unknown>>();
  expect({
    status: answer.statusCode,
    code: problem['code'],
    field: field && Object.keys(problem['errors'] ?? {}),
  }).toEqual({
    status,
    code,
    field: field && [field],
  });
  expect(problem).toMatchObject({
    type: `urn:disburse:problem:${code}`,
    status,
    title: expect.any(String),
    detail: expect.any(String),
    instance: expect.any(String),
  });
  expect(problem['request_id']).toBe(answer.headers['x-request-id']);
  expect(answer.body).not.toMatch(/SELECT|INSERT|node_modules|\.ts:|\bat \S+:\d/);
}

describe('a body that cannot be read is refused with 400', () => {
  it.each<[string, string | Buffer, string]>([
    ['nothing at all', '', 'invalid_json'],
    ['half an object', '{"amount":', 'invalid_json'],
    ['words', 'amount=1.00', 'invalid_json'],
    ['a trailing comma', '{"amount":"1.00",}', 'invalid_json'],
    ['a raw line end in a text', '{"amount":"1\n"}', 'invalid_json'],
    ['a byte order mark', '\ufeff{}', 'invalid_json'],
    [
      'bytes that are no UTF-8',
      Buffer.from([0x7b, 0x22, 0x61, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
      'invalid_utf8',
    ],
    ['a field given twice', '{"amount":"1.00","amount":"2.00"}', 'duplicate_field'],
    ['a field given twice in two spellings', '{"amount":"1.00","\\u0061mount":"2.00"}', 'duplicate_field'],
    ['5,000 levels of objects', `${'{"a":'.repeat(2_500)}1${'}'.repeat(2_500)}`, 'body_too_deep'],
    ['5,000 levels of lists', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, 'body_too_deep'],
    ['an object of 1,000 fields', wide(1_000), 'body_too_wide'],
    ['an object of 201 fields inside', body(`"metadata":${wide(201)}`), 'body_too_wide'],
  ])('%s', async (_what, payload, code) => expectProblem(await post(payload), 400, code));
});

describe('a wide body from somebody without credentials', () => {
  it('is refused before anything looks at its fields', async () => {
    const validated = jest.spyOn(StrictValidation.prototype, 'transform');
    const send = (payload: string) =>
      t.send(null, {
        method: 'POST',
        url: '/api/v1/auth/token',
        headers: { 'content-type': 'application/json' },
        payload,
      });
    await expectProblem(await send(wide(1_000)), 400, 'body_too_wide');
    expect(validated).not.toHaveBeenCalled();
    await expectProblem(await send('{}'), 422, 'validation_failed');
    expect(validated).toHaveBeenCalled();
    validated.mockRestore();
  });

  it.each([
    ['login', 422],
    ['accept-invitation', 422],
    ['reset-password', 422],
    ['token', 422],
    ['refresh', 422],
    ['revoke', 422],
    ['change-password', 401],
  ])('is not read at all beyond 16 kB on /auth/%s', async (route, status) => {
    const long = (length: number) =>
      t.send(null, {
        method: 'POST',
        url: `/api/v1/auth/${route}`,
        headers: { 'content-type': 'application/json' },
        payload: `{"x":"${'x'.repeat(length)}"}`,
      });
    await expectProblem(await long(16_384), 413, 'body_too_large');
    expect((await long(16_000)).statusCode).toBe(status);
  });

  it('of more than 16 kB is read by other routes', async () =>
    expectProblem(await post(body(`"note":"${'x'.repeat(17_000)}"`)), 422, 'validation_failed', 'note'));
});

describe('no body at all, though the content type says JSON,', () => {
  const json = { 'content-type': 'application/json' };

  it('is fine where none is asked for: a key is revoked by a client that says JSON with everything', async () => {
    const lost = await t.caller();
    const answer = await t.send(lost, {
      method: 'DELETE',
      url: `/api/v1/api-keys/${lost.keyId}`,
      headers: json,
    });
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect((await t.send(lost, { url: '/api/v1/api-keys/self' })).statusCode).toBe(401);
  });

  it('is refused where one is asked for, to those who may come in', async () => {
    const asked = { method: 'POST', url: '/api/v1/api-keys', headers: json } as const;
    await expectProblem(await t.send(caller, asked), 400, 'invalid_json');
    await expectProblem(await t.send(null, asked), 401, 'unauthenticated');
  });
});

describe('a value that is not right is refused with 422 and its field', () => {
  it.each<[string, string, string]>([
    ['a number for an amount', amount('1'), 'amount'],
    ['a float for an amount', amount('100.5'), 'amount'],
    ['an exponent for an amount', amount('"1e3"'), 'amount'],
    ['a number beyond all numbers', amount('1e999'), 'amount'],
    ['a negative amount', amount('"-1.00"'), 'amount'],
    ['a signed amount', amount('"+1.00"'), 'amount'],
    ['an amount with spaces', amount('" 1.00"'), 'amount'],
    ['an amount in other digits', amount('"١.٠٠"'), 'amount'],
    ['NaN as text', amount('"NaN"'), 'amount'],
    ['null', amount('null'), 'amount'],
    ['true', amount('true'), 'amount'],
    ['a list', amount('["1.00"]'), 'amount'],
    ['an object', amount('{"toString":1}'), 'amount.toString'],
    ['a currency of four letters', '{"amount":"1.00","currency":"USDT"}', 'currency'],
    ['a currency in Turkish', '{"amount":"1.00","currency":"ı\u017fk"}', 'currency'],
    ['an id that is none', body('"recipient_id":"1 OR 1=1"'), 'recipient_id'],
    ['a kind nobody knows', body('"kind":"ROBOT"'), 'kind'],
    ['a list for a kind', body('"kind":["INDIVIDUAL"]'), 'kind'],
    ['a field nobody knows', body('"tenant_id":"x"'), 'tenant_id'],
    ['__proto__', body('"__proto__":{"admin":true}'), '__proto__'],
    ['__proto__ in disguise', body('"\\u005f_proto__":{"admin":true}'), '__proto__'],
    ['constructor', body('"constructor":{"prototype":{}}'), 'constructor'],
    ['toString', body('"toString":"x"'), 'toString'],
    ['hasOwnProperty', body('"hasOwnProperty":1'), 'hasOwnProperty'],
    ['NUL', body('"note":"a\\u0000b"'), 'note'],
    ['an escape character', body('"note":"a\\u001bb"'), 'note'],
    ['half a surrogate pair', body('"note":"\\ud800"'), 'note'],
    ['the other half', body('"note":"a\\udc00"'), 'note'],
    ['NUL deep inside', body('"lines":[{"amount":"1"},{"amount":"\\u0000"}]'), 'lines[1].amount'],
    ['NUL in a name', body('"metadata":{"a\\u0000":"b"}'), 'metadata.a\u0000'],
    ['a wrong amount deep inside', body('"lines":[{"amount":"1"},{"amount":2}]'), 'lines[1].amount'],
    ['an unknown field deep inside', body('"lines":[{"amount":"1","x":1}]'), 'lines[0].x'],
    ['an object for a list', body('"lines":{"amount":"1"}'), 'lines'],
    ['a list of lists', body('"lines":[[{"amount":"1"}]]'), 'lines'],
    ['too long a list', body(`"lines":[${Array(4).fill('{"amount":"1"}').join(',')}]`), 'lines'],
    ['too long a text', body(`"note":"${'x'.repeat(101)}"`), 'note'],
    ['metadata that is a list', body('"metadata":["a"]'), 'metadata'],
    ['metadata of numbers', body('"metadata":{"a":1}'), 'metadata'],
    ['a list for the body', '[{"amount":"1.00","currency":"USD"}]', 'body'],
    ['an empty list for the body', '[]', 'body'],
    ['null for the body', 'null', 'body'],
    ['a text for the body', '"amount"', 'body'],
  ])('%s', async (_what, payload, field) =>
    expectProblem(await post(payload), 422, 'validation_failed', field),
  );

  it('names every field that is wrong, not only the first', async () => {
    const answer = await post('{"amount":1,"note":2}');
    expect(Object.keys(answer.json<{ errors: object }>().errors).sort()).toEqual([
      'amount',
      'currency',
      'note',
    ]);
  });

  it('says of what is no list only that', async () => {
    const answer = await post(body('"lines":{}'));
    expect(answer.json<{ errors: object }>().errors).toEqual({ lines: ['lines must be a list'] });
  });

  it('and accepts right values in any case', async () => {
    const answer = await post(
      body(
        '"kind":"individual","recipient_id":"0198B0F2-7C1E-7B3A-9D55-2F6F0B1C4E10","metadata":{"a":"😀"},"note":"tab\\t"',
      ).replace('USD', 'uSd'),
    );
    expect([answer.statusCode, answer.json()]).toEqual([
      201,
      { z: 1, a: '1.00', currency: 'USD', kind: 'INDIVIDUAL' },
    ]);
  });

  it('leaves the prototype of all objects as it was', () => {
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });
});

describe('a content type that is not JSON in UTF-8 is refused with 415', () => {
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-7',
    'application/json; charset="utf-16"',
    'text/csv',
    'application/x-ndjson',
  ])('%s', async (type) =>
    expectProblem(await post(body(''), { 'content-type': type }), 415, 'unsupported_media_type'),
  );

  it('and UTF-8 by its name is taken', async () => {
    expect((await post(body(''), { 'content-type': 'application/json; charset=UTF-8' })).statusCode).toBe(
      201,
    );
  });

  it('except on a route that takes streams, which takes no JSON', async () => {
    const send = (type: string) =>
      t.send(caller, {
        method: 'POST',
        url: '/api/v1/probe/stream',
        headers: { 'content-type': type },
        payload: 'a\nb\n',
      });
    expect((await send('text/csv')).json()).toEqual({ bytes: 4 });
    await expectProblem(await send('application/json'), 415, 'unsupported_media_type');
  });

  it('and a route that takes bytes gets them unread', async () => {
    const answer = await t.send(null, {
      method: 'POST',
      url: '/api/v1/probe/bytes',
      headers: { 'content-type': 'application/json' },
      payload: '{not json',
    });
    expect(answer.json()).toEqual({ bytes: 9 });
  });
});

describe('a request that is not right in itself', () => {
  it('is refused with 413 when its body is too large', async () =>
    expectProblem(await post(body(`"note":"${'x'.repeat(21_000)}"`)), 413, 'body_too_large'));

  it('is refused with 405 and the methods there are', async () => {
    const answer = await t.send(caller, { method: 'DELETE', url: '/api/v1/probe' });
    await expectProblem(answer, 405, 'method_not_allowed');
    expect(answer.headers.allow).toBe('GET, HEAD, POST');
  });

  it.each<[string, string, number, string]>([
    ['an address nobody knows', '/api/v1/nobody', 404, 'not_found'],
    ['an id that is none', '/api/v1/probe/1', 404, 'not_found'],
    ['an id with NUL', '/api/v1/probe/%00', 404, 'not_found'],
    ['a percent sign alone', '/api/v1/probe/%', 400, 'bad_request'],
    ['broken UTF-8', '/api/v1/probe/%ff', 400, 'bad_request'],
    ['a parameter of a thousand characters', `/api/v1/probe/${'x'.repeat(1_000)}`, 414, 'uri_too_long'],
    [
      'an address of ten thousand characters',
      `/api/v1/probe?status=${'x'.repeat(10_000)}`,
      414,
      'uri_too_long',
    ],
    ['a broken query', '/api/v1/probe?status=%ff', 400, 'invalid_query'],
    ['a parameter given twice', '/api/v1/probe?limit=1&limit=2', 400, 'repeated_parameter'],
    [
      'a hundred parameters',
      `/api/v1/probe?${Array.from({ length: 100 }, (_, i) => `a${i}=1`).join('&')}`,
      400,
      'invalid_query',
    ],
    ['a key in the address', `/api/v1/probe?api_key=dk_x`, 400, 'credentials_in_url'],
    ['a cursor that is none', '/api/v1/probe?cursor=abc', 400, 'invalid_cursor'],
    ['a cursor with NUL', '/api/v1/probe?cursor=%00', 422, 'validation_failed'],
  ])('%s', async (_what, url, status, code) => expectProblem(await t.send(caller, { url }), status, code));

  it.each<[string, string]>([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=0x10', 'limit'],
    ['limit=1e1', 'limit'],
    ['limit=%2010', 'limit'],
    ['limit=', 'limit'],
    ['limit[]=1', 'limit[]'],
    ['status=UNKNOWN', 'status'],
    ['order=name', 'order'],
    ['toString=1', 'toString'],
    ['__proto__=1', '__proto__'],
    ['created_at[gte]=2024-02-30T00:00:00Z', 'created_at[gte]'],
    ['created_at[gte]=2024', 'created_at[gte]'],
    ['created_at[gte]=infinity', 'created_at[gte]'],
  ])('is refused with 422 for the query %s', async (query, field) =>
    expectProblem(await t.send(caller, { url: `/api/v1/probe?${query}` }), 422, 'validation_failed', field),
  );

  it('is refused with 422 for a parameter on a route that has none', async () =>
    expectProblem(await t.send(caller, { url: '/api/v1/probe/none?x=1' }), 422, 'validation_failed', 'x'));

  it('never gets a 500, whatever the method does with whatever the body holds', async () => {
    const methods: InjectOptions['method'][] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'];
    for (const method of methods) {
      for (const url of [
        '/',
        '/api/v1',
        '/api/v1/probe/',
        '/api/v1/probe/x/y',
        '//',
        '/%2e%2e/etc/passwd',
        '/api/v1/probe;x=1',
      ]) {
        const { statusCode } = await t.send(caller, { method, url });
        expect({ method, url, failed: statusCode >= 500 }).toEqual({ method, url, failed: false });
      }
    }
  });
});
