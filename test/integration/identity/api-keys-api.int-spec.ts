import { Authenticator } from '../../../src/platform/access';
import { sql } from '../../../src/platform/database';
import { KeyUsage } from '../../../src/modules/identity/access/application/key-usage';
import { testApp, type Caller, type TestApp } from '../http/support/test-app';

interface Shown {
  readonly id: string;
  readonly secret: string;
  readonly prefix: string;
  readonly scopes: string[];
  readonly [field: string]: unknown;
}

let t: TestApp;

beforeAll(async () => {
  t = await testApp();
});
afterAll(async () => t.close());

async function call<T = Shown>(
  caller: Caller | string,
  method: 'GET' | 'POST' | 'DELETE',
  path = '',
  payload?: object,
) {
  const headers = { 'x-api-key': typeof caller === 'string' ? caller : caller.secret };
  const response = await t.send(null, {
    method,
    url: `/api/v1/api-keys${path}`,
    headers,
    ...(payload ? { payload } : {}),
  });
  return {
    status: response.statusCode,
    body: (response.body ? response.json() : null) as T & { code?: string },
    text: response.body,
  };
}

async function made(caller: Caller, more: object = {}): Promise<Shown> {
  const { status, body } = await call(caller, 'POST', '', {
    name: 'made',
    scopes: ['settlements:read'],
    ...more,
  });
  expect(status).toBe(201);
  return body;
}

async function works(secret: string): Promise<boolean> {
  return (await call(secret, 'GET', '/self')).status === 200;
}

function actorChainOf(secret: string): Promise<readonly string[] | undefined> {
  return t.app
    .get(Authenticator, { strict: false })
    .authenticate({ apiKey: secret })
    .then((principal) => principal?.actorChain);
}

function rows<T>(caller: Caller, text: string): Promise<T[]> {
  return t.db.uow.run(caller.tenant, (tx) => sql(tx).rows<T>({ text, values: [] }));
}

describe('an API key created over HTTP', () => {
  it('returns its secret once, works, and shows who created it', async () => {
    const caller = await t.caller();
    const key = await made(caller, {
      scopes: ['settlements:read', 'transfers:*'],
      expires_at: '2099-01-01T00:00:00Z',
      rate_limit_per_minute: 60,
    });
    expect(key).toMatchObject({
      name: 'made',
      scopes: ['settlements:read', 'transfers:*'],
      expires_at: '2099-01-01T00:00:00.000Z',
      rate_limit_per_minute: 60,
    });
    expect(key['created_by']).toEqual({ kind: 'api_key', id: caller.keyId, name: 'test' });
    expect(await works(key.secret)).toBe(true);
    const one = await call(caller, 'GET', `/${key.id}`);
    expect(one.body).toMatchObject({ id: key.id, prefix: key.secret.slice(0, 11) });
    expect(one.text + (await call(caller, 'GET')).text).not.toContain(key.secret.slice(11));
  });

  it('has no scope that its creator does not have', async () => {
    const caller = await t.caller(['api_keys:*', 'settlements:*']);
    for (const scopes of [['*'], ['settlements:read', 'transfers:read'], ['*:read']]) {
      expect(await call(caller, 'POST', '', { name: 'x', scopes })).toMatchObject({
        status: 403,
        body: { code: 'scope_not_held' },
      });
    }
    await made(caller, { scopes: ['settlements:*', 'api_keys:read'] });
  });

  it.each([
    [{ name: 'x', scopes: ['settlement:read'] }, 'unknown_scope'],
    [{ name: ' ', scopes: ['*'] }, 'invalid_api_key'],
    [{ name: 'x', scopes: [] }, 'validation_failed'],
    [{ name: 'x', scopes: ['*'], expires_at: 'tomorrow' }, 'validation_failed'],
    [{ name: 'x', scopes: ['*'], expires_at: '2025-01-31T12:00:00Z' }, 'validation_failed'],
    [{ name: 'x', scopes: ['*'], rate_limit_per_minute: 0 }, 'validation_failed'],
    [{ name: 'x', scopes: ['*'], secret: 'dk_mine' }, 'validation_failed'],
  ])('is rejected with %j', async (body, code) => {
    expect(await call(await t.caller(), 'POST', '', body)).toMatchObject({ status: 422, body: { code } });
  });

  it("has its creator's actor chain and itself in its actor chain", async () => {
    const caller = await t.caller();
    const first = await made(caller, { scopes: ['*'] });
    const second = await call(first.secret, 'POST', '', { name: 'second', scopes: ['*'] });
    expect(await actorChainOf(second.body.secret)).toEqual([second.body.id, first.id, caller.keyId]);
  });

  it('is listed in pages, newest first, to its tenant only', async () => {
    const [caller, other] = [await t.caller(), await t.caller()];
    const ids = [caller.keyId];
    for (let i = 0; i < 4; i++) ids.unshift((await made(caller)).id);
    const seen: string[] = [];
    for (let path: string | null = '?limit=2'; path;) {
      const { body }: { body: { results: Shown[]; next: string | null } } = await call(caller, 'GET', path);
      seen.push(...body.results.map(({ id }) => id));
      path = body.next && body.next.slice('/api/v1/api-keys'.length);
    }
    expect(seen).toEqual(ids);
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/rotate'],
      ['DELETE', ''],
    ] as const) {
      const response = await call(other, method, `/${ids[0]}${path}`, method === 'POST' ? {} : undefined);
      expect([method, response.status, response.body.code]).toEqual([method, 404, 'not_found']);
    }
  });

  it('requires the scope of its route', async () => {
    const [reader, stranger] = [await t.caller(['api_keys:read']), await t.caller(['settlements:*'])];
    expect((await call(reader, 'GET')).status).toBe(200);
    expect((await call(reader, 'POST', '', { name: 'x', scopes: ['api_keys:read'] })).status).toBe(403);
    expect((await call(stranger, 'GET')).status).toBe(403);
  });
});

describe('the limit of API keys of a tenant', () => {
  /** Living ones but for `more`, beside the caller's own. */
  async function withKeys(count: number, more: string): Promise<Caller> {
    const caller = await t.caller();
    await rows(
      caller,
      `INSERT INTO identity.api_keys (tenant_id, id, name, prefix, secret_hash, scopes, expires_at,
        revoked_at)
                        SELECT '${caller.tenant}', gen_random_uuid(), 'filler', 'dk_A1b2C3d4',
                          sha256(n::text::bytea), '{*}', ${more} FROM generate_series(1, ${count}) n`,
    );
    return caller;
  }
  const make = (caller: Caller) => call(caller, 'POST', '', { name: 'one more', scopes: ['*'] });

  it('rejects the key after a thousand, until one is revoked', async () => {
    const caller = await withKeys(998, 'NULL, NULL');
    const last = await made(caller);
    expect(await make(caller)).toMatchObject({ status: 409, body: { code: 'too_many_api_keys' } });
    await call(caller, 'DELETE', `/${last.id}`);
    expect((await make(caller)).status).toBe(201);
  });

  it('does not count expired and revoked keys, nor those of another tenant', async () => {
    await withKeys(1_000, 'NULL, NULL');
    for (const more of [`now() - interval '1 second', NULL`, 'NULL, now()'])
      expect((await make(await withKeys(1_000, more))).status).toBe(201);
  });

  it('holds for concurrent requests too', async () => {
    const caller = await withKeys(997, 'NULL, NULL');
    const responses = await Promise.all(Array.from({ length: 8 }, () => make(caller)));
    expect(responses.map(({ status }) => status).sort()).toEqual([201, 201, ...Array<number>(6).fill(409)]);
  });
});

describe('a rotated key', () => {
  it('has a new secret at once, and its old secret is rejected', async () => {
    const caller = await t.caller();
    const key = await made(caller);
    expect(await works(key.secret)).toBe(true);
    const { status, body } = await call(caller, 'POST', `/${key.id}/rotate`, {});
    expect([status, body.id, body['previous_secret_until']]).toEqual([200, key.id, null]);
    expect([await works(body.secret), await works(key.secret)]).toEqual([true, false]);
  });

  it('accepts the old secret until the overlap ends, also where it is cached', async () => {
    const caller = await t.caller();
    const key = await made(caller);
    const { body } = await call(caller, 'POST', `/${key.id}/rotate`, { overlap_s: 1 });
    expect([await works(body.secret), await works(key.secret)]).toEqual([true, true]);
    const startedAt = performance.now();
    while (await works(key.secret));
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(await works(body.secret)).toBe(true);
  });

  it('keeps one old secret: a second rotation during the overlap ends the first one', async () => {
    const caller = await t.caller();
    const key = await made(caller);
    const { body: second } = await call(caller, 'POST', `/${key.id}/rotate`, { overlap_s: 600 });
    const { body: third } = await call(caller, 'POST', `/${key.id}/rotate`, { overlap_s: 600 });
    expect([await works(key.secret), await works(second.secret), await works(third.secret)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('needs a caller with all its scopes, who is in its actor chain from then on', async () => {
    const caller = await t.caller();
    const key = await made(caller, { scopes: ['settlements:write'] });
    const poor = await made(caller, { scopes: ['api_keys:write'] });
    expect(await call(poor.secret, 'POST', `/${key.id}/rotate`, {})).toMatchObject({
      status: 403,
      body: { code: 'scope_not_held' },
    });
    const rich = await made(caller, { scopes: ['*'] });
    const { body } = await call(rich.secret, 'POST', `/${key.id}/rotate`, {});
    expect(await actorChainOf(body.secret)).toEqual([key.id, caller.keyId, rich.id]);
  });

  it('rejects an overlap above seven days, an invalid overlap, and a revoked key', async () => {
    const caller = await t.caller();
    const key = await made(caller);
    for (const overlap_s of [604_801, -1, 1.5, '60'])
      expect((await call(caller, 'POST', `/${key.id}/rotate`, { overlap_s })).status).toBe(422);
    await call(caller, 'DELETE', `/${key.id}`);
    expect(await call(caller, 'POST', `/${key.id}/rotate`, {})).toMatchObject({
      status: 409,
      body: { code: 'api_key_revoked' },
    });
  });
});

describe('a revoked key', () => {
  it('is rejected at once, and stays listed with the time of its first revocation', async () => {
    const caller = await t.caller();
    const key = await made(caller);
    expect(await works(key.secret)).toBe(true);
    expect((await call(caller, 'DELETE', `/${key.id}`)).status).toBe(204);
    expect(await works(key.secret)).toBe(false);
    const { body: first } = await call(caller, 'GET', `/${key.id}`);
    expect((await call(caller, 'DELETE', `/${key.id}`)).status).toBe(204);
    expect((await call(caller, 'GET', `/${key.id}`)).body['revoked_at']).toEqual(first['revoked_at']);
    expect((await call(caller, 'DELETE', `/0198b0f2-7c1e-7b3a-9d55-000000000000`)).status).toBe(404);
  });

  it('may be the key of the request itself', async () => {
    const caller = await t.caller();
    expect((await call(caller, 'DELETE', `/${caller.keyId}`)).status).toBe(204);
    expect(await works(caller.secret)).toBe(false);
  });
});

describe('the life of a key', () => {
  it('is in the audit log, without a secret', async () => {
    const caller = await t.caller();
    const key = await made(caller);
    const { body } = await call(caller, 'POST', `/${key.id}/rotate`, {});
    await call(caller, 'DELETE', `/${key.id}`);
    await call(caller, 'DELETE', `/${key.id}`);
    const records = await rows<{ action: string; actor_id: string }>(
      caller,
      `SELECT * FROM platform.audit_log WHERE entity_id = '${key.id}' ORDER BY id`,
    );
    expect(records.map(({ action, actor_id }) => [action, actor_id])).toEqual(
      ['created', 'rotated', 'revoked'].map((what) => [`api_key.${what}`, caller.keyId]),
    );
    for (const secret of [key.secret, body.secret])
      expect(JSON.stringify(records)).not.toContain(secret.slice(11));
  });

  it('counts each request once, and writes the counts together', async () => {
    const caller = await t.caller();
    const key = await made(caller);
    for (let i = 0; i < 7; i++) await works(key.secret);
    await t.app.get(KeyUsage, { strict: false }).flush();
    const { body } = await call(caller, 'GET', `/${key.id}`);
    expect(body['usage_count']).toBe(7);
    expect(Math.abs(Date.now() - Date.parse(body['last_used_at'] as string))).toBeLessThan(10_000);
    await works(key.secret);
    await t.app.get(KeyUsage, { strict: false }).flush();
    expect((await call(caller, 'GET', `/${key.id}`)).body['usage_count']).toBe(8);
  });
});
