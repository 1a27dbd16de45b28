import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import type { OpenAPIObject } from '@nestjs/swagger';
import { probe } from './support/probe.controller';
import { testApp, type TestApp } from './support/test-app';

let t: TestApp;
let port: number;

beforeAll(async () => {
  t = await testApp({ limits: { headersTimeoutMs: 200, requestTimeoutMs: 400 } });
  await t.app.listen(0, '127.0.0.1');
  port = (t.app.getHttpServer().address() as AddressInfo).port;
});
afterAll(async () => t.close());

/** Everything the server says to these bytes until it closes the connection. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}

function partsOf(answer: string): { status: number; headers: string; problem: Record<string, unknown> } {
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
  return {
    status: Number(head.split(' ')[1]),
    headers: head.toLowerCase(),
    problem: JSON.parse(body) as Record<string, unknown>,
  };
}

describe('what Node refuses before there is a request is a problem too', () => {
  it.each([
    [
      'headers of 20 KB',
      `GET / HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['words that are no HTTP', 'HELLO\r\n\r\n', 400, 'bad_request'],
    [
      'two lengths of one body',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      400,
      'bad_request',
    ],
    [
      'a length and chunks together',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'bad_request',
    ],
  ])('%s', async (_what, bytes, status, code) => {
    const answer = partsOf(await raw(bytes));
    expect(answer).toMatchObject({
      status,
      problem: { code, status, type: `urn:disburse:problem:${code}`, request_id: expect.any(String) },
    });
    expect(answer.headers).toContain('content-type: application/problem+json');
    expect(answer.headers).toContain('connection: close');
  });

  it.each([
    ['headers that never end', 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow:'],
    [
      'a body that never comes',
      'POST /api/v1/probe HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{',
    ],
  ])(
    '%s end with 408 and a closed connection',
    async (_what, bytes) => {
      expect(partsOf(await raw(bytes))).toMatchObject({ status: 408, problem: { code: 'request_timeout' } });
    },
    15_000,
  );
});

describe('every answer', () => {
  const hardened = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'strict-transport-security': expect.any(String),
  };

  it.each([
    '/health',
    '/api/v1/nobody',
    '/api/v1/%',
    '/api/v1/api-keys/self',
    '/api/v1/probe/fails',
    '/api/v1/probe?a=%ff',
  ])('%s carries the security headers and names no product', async (url) => {
    const { headers } = await t.send(null, { url });
    expect(headers).toMatchObject(hardened);
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('server');
  });

  it('carries the id of the request: the one given, when it is fit for a log, else a new one', async () => {
    const idFor = async (id: string) =>
      (await t.send(null, { url: '/health/live', headers: { 'x-request-id': id } })).headers['x-request-id'];
    expect(await idFor('req_2041.abc-1')).toBe('req_2041.abc-1');
    for (const unfit of [
      'short',
      'has space in it',
      'x'.repeat(129),
      '<script>alert(1)</script>',
      'ünïcödé-request',
    ])
      expect(await idFor(unfit)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('of an error nobody foresaw says nothing of its cause, while the log has it whole', async () => {
    const answer = await t.send(null, { url: '/api/v1/probe/fails' });
    expect(answer.json()).toMatchObject({ status: 500, code: 'internal_error' });
    expect(answer.body).not.toMatch(/SELECT|secret|srv/);
    const failed = t.log.lines.find(
      (line) => line.event === 'http.failed' && line.fields['requestId'] === answer.headers['x-request-id'],
    );
    expect(failed?.fields['error']).toMatchObject({ message: expect.stringContaining('SELECT secret') });
  });

  it('leaves one line in the log: who, what, how long, and none of what was sent', async () => {
    const caller = await t.caller();
    const id = 'one-line-in-the-log';
    await t.send(caller, {
      url: '/api/v1/probe?limit=5&status=NEW',
      headers: { 'x-request-id': id, cookie: 'session=abc' },
    });
    const lines = t.log.lines.filter((line) => line.fields['requestId'] === id);
    expect(lines).toEqual([
      {
        event: 'http.request',
        fields: {
          requestId: id,
          method: 'GET',
          route: '/api/v1/probe',
          status: 200,
          durationMs: expect.any(Number),
          tenantId: caller.tenant,
          principalId: caller.keyId,
          code: null,
          remoteHost: '127.0.0.1',
        },
      },
    ]);
  });
});

describe('a caller who goes away', () => {
  it('leaves one line with status 499, and the work that was begun is finished', async () => {
    const caller = await t.caller();
    let open = (): void => undefined;
    probe.gate = new Promise((resolve) => (open = resolve));
    const entered = new Promise<void>((resolve) => (probe.entered = resolve));
    const body = '{"amount":"1.00","currency":"USD"}';
    const head = [
      'POST /api/v1/probe HTTP/1.1',
      'Host: x',
      `X-API-Key: ${caller.secret}`,
      'Idempotency-Key: goes-away',
      'X-Request-Id: goes-away',
      'Content-Type: application/json',
    ];
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.write(`${head.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await entered;
    const line = t.log.next('http.request');
    socket.destroy();
    expect(await line).toMatchObject({
      fields: { requestId: 'goes-away', status: 499, tenantId: caller.tenant },
    });
    open();
    const repeat = {
      method: 'POST' as const,
      url: '/api/v1/probe',
      headers: { 'idempotency-key': 'goes-away', 'content-type': 'application/json' },
      payload: body,
    };
    expect((await t.send(caller, repeat)).statusCode).toBe(200);
    expect(t.log.lines.filter(({ fields }) => fields['requestId'] === 'goes-away')).toHaveLength(1);
  });
});

describe('Swagger UI and the document', () => {
  it('serve a page that may run our own scripts only', async () => {
    const page = await t.send(null, { url: '/docs' });
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-security-policy']).toContain("script-src 'self';");
    expect(page.body).not.toMatch(/<script>\s*\S/);
    expect((await t.send(null, { url: '/docs/swagger-ui-init.js' })).statusCode).toBe(200);
    expect((await t.send(null, { url: '/docs-yaml' })).body).toContain('openapi: 3.1.0');
  });

  it('describe what a client needs: ids of operations, headers, scopes, and every refusal by its code', async () => {
    const document = (await t.send(null, { url: '/docs-json' })).json<OpenAPIObject>();
    const create = document.paths['/api/v1/probe']?.post;
    expect(create).toMatchObject({
      operationId: 'probe',
      tags: ['probe'],
      'x-scopes': ['settlements:write'],
      'x-idempotent': true,
    });
    expect(create?.parameters).toContainEqual(
      expect.objectContaining({ name: 'Idempotency-Key', in: 'header', required: true }),
    );
    expect(Object.keys(create?.responses ?? {}).sort()).toEqual([
      '200',
      '201',
      '400',
      '401',
      '403',
      '409',
      '422',
      '429',
      'default',
    ]);
    expect(create?.responses['422']).toMatchObject({
      content: {
        'application/problem+json': {
          examples: { idempotency_key_reused: expect.anything(), validation_failed: expect.anything() },
        },
      },
    });
    expect(document.security).toEqual([{ api_key: [] }, { access_token: [] }, { session: [] }]);
    expect(document.paths['/health']?.get?.security).toEqual([{}]);
    expect(JSON.stringify(document)).not.toContain('x-problem');
  });
});

describe('health', () => {
  it('tells the parts, names no version, and needs no key', async () => {
    const answer = await t.send(null, { url: '/health' });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { status: 'healthy', database: 'up', redis: 'not_in_use' },
    ]);
    expect((await t.send(null, { url: '/health/ready' })).statusCode).toBe(200);
  });
});
