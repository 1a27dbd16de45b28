import { systemActor } from '../../../src/kernel/actor';
import { ApiKeys, InvalidApiKey, TenantSuspended, UnknownScope } from '../../../src/modules/identity';
import { ApiKeyAuthenticator } from '../../../src/modules/identity/access/application/api-key-authenticator';
import { KeyUsage } from '../../../src/modules/identity/access/application/key-usage';
import {
  PrincipalCache,
  PRINCIPAL_CACHE_TTL_MS,
} from '../../../src/modules/identity/access/application/principal-cache';
import { ApiKeyStore } from '../../../src/modules/identity/access/application/ports';
import { Tenancy, TenantUnknown } from '../../../src/modules/tenancy';
import { sql, PostgresAccessEpochs } from '../../../src/platform/database';
import { testApp, type Caller, type TestApp } from '../http/support/test-app';

let t: TestApp;

beforeAll(async () => {
  t = await testApp();
});
afterAll(async () => t.close());

async function self(secret: string | null): Promise<[number, string | undefined]> {
  const response = await t.send(null, {
    url: '/api/v1/api-keys/self',
    headers: secret === null ? {} : { 'x-api-key': secret },
  });
  return [response.statusCode, response.json<{ code?: string }>().code];
}

/** The authenticator of a second process, with a clock that the test sets. */
function process2() {
  const clock = { nowMs: 0 };
  const tenancy = t.app.get(Tenancy, { strict: false });
  const cache = new PrincipalCache(() => clock.nowMs);
  const authenticator = new ApiKeyAuthenticator(
    t.db.uow,
    t.app.get(ApiKeyStore, { strict: false }),
    tenancy,
    cache,
    new PostgresAccessEpochs(),
    t.app.get(KeyUsage, { strict: false }),
  );
  return { clock, tenancy, authenticate: ({ secret }: Caller) => authenticator.authenticate(secret) };
}

function keys(): ApiKeys {
  return t.app.get(ApiKeys, { strict: false });
}

describe('an API key', () => {
  it('returns its own data', async () => {
    const caller = await t.caller(['settlements:read', 'transfers:*']);
    const response = await t.send(caller, { url: '/api/v1/api-keys/self' });
    expect(response.json()).toEqual({
      id: caller.keyId,
      name: 'test',
      prefix: caller.secret.slice(0, 11),
      scopes: ['settlements:read', 'transfers:*'],
      tenant_id: caller.tenant,
      created_by: { kind: 'system', id: null, name: 'command line' },
      rate_limit_per_minute: null,
      expires_at: null,
      revoked_at: null,
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      rotated_at: null,
      previous_secret_until: null,
      usage_count: 0,
      last_used_at: null,
    });
  });

  it('has at least 160 random bits and is stored as a hash only', async () => {
    const { secret, tenant } = await t.caller();
    expect(secret).toMatch(/^dk_[A-Za-z0-9]{40}$/);
    const [row] = await t.db.uow.run(tenant, (tx) =>
      sql(tx).rows<Record<string, unknown>>({
        text: 'SELECT *, k::text AS whole FROM identity.api_keys k',
        values: [],
      }),
    );
    expect(row?.['whole']).not.toContain(secret.slice(11));
    expect((row?.['secret_hash'] as Buffer).length).toBe(32);
  });

  it.each([
    ['missing', null],
    ['empty', ''],
    ['of another shape', 'sk_live_123'],
    ['unknown', `dk_${'A'.repeat(40)}`],
    ['with a NUL-like escape', 'dk_%00'],
    ['of a thousand characters', 'x'.repeat(1_000)],
  ])('that is %s is rejected with 401', async (_what, secret) => {
    expect(await self(secret)).toEqual([401, 'unauthenticated']);
  });

  it('that differs in its last character only is unknown', async () => {
    const { secret } = await t.caller();
    expect(await self(secret.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')))).toEqual([
      401,
      'unauthenticated',
    ]);
  });

  it('sent twice in two headers is rejected', async () => {
    const caller = await t.caller();
    const response = await t.send(null, {
      url: '/api/v1/api-keys/self',
      headers: { 'x-api-key': `${caller.secret}, ${caller.secret}` },
    });
    expect(response.statusCode).toBe(401);
  });

  it('that was revoked is rejected at once, and within five seconds in other processes', async () => {
    const caller = await t.caller();
    const { clock, authenticate } = process2();
    expect(await authenticate(caller)).toMatchObject({ id: caller.keyId, tenantId: caller.tenant });
    expect((await self(caller.secret))[0]).toBe(200);
    await keys().revoke(caller.tenant, caller.keyId);
    expect(await self(caller.secret)).toEqual([401, 'unauthenticated']);
    clock.nowMs = PRINCIPAL_CACHE_TTL_MS - 1;
    expect(await authenticate(caller)).not.toBeNull();
    clock.nowMs = PRINCIPAL_CACHE_TTL_MS;
    expect(await authenticate(caller)).toBeNull();
  });

  it('is rejected after its expiry, by the clock of the database', async () => {
    const { tenant } = await t.caller();
    const past = await keys().create(tenant, 'past', ['*'], new Date(Date.now() - 60_000));
    const future = await keys().create(tenant, 'future', ['*'], new Date(Date.now() + 60_000));
    expect(await self(past.secret)).toEqual([401, 'unauthenticated']);
    expect((await self(future.secret))[0]).toBe(200);
  });

  it('of a suspended tenant is rejected with 403, and works again when the tenant does', async () => {
    const caller = await t.caller();
    const { clock, authenticate, tenancy } = process2();
    expect(await authenticate(caller)).not.toBeNull();
    await t.db.uow.run(caller.tenant, (tx) => tenancy.suspend(tx, 'a test', systemActor('test')));
    expect(await self(caller.secret)).toEqual([403, 'tenant_suspended']);
    clock.nowMs = PRINCIPAL_CACHE_TTL_MS;
    await expect(authenticate(caller)).rejects.toBeInstanceOf(TenantSuspended);
    await t.db.uow.run(caller.tenant, (tx) => tenancy.reactivate(tx, 'a test', systemActor('test')));
    expect((await self(caller.secret))[0]).toBe(200);
  });

  it.each<[string[], 'GET' | 'POST', number]>([
    [['settlements:write'], 'POST', 201],
    [['settlements:*'], 'POST', 201],
    [['*:write'], 'POST', 201],
    [['*'], 'POST', 201],
    [['settlements:read'], 'POST', 403],
    [['transfers:*'], 'POST', 403],
    [['*:read'], 'GET', 200],
    [['settlements:write'], 'GET', 403],
  ])('with the scopes %j may %s: %i', async (scopes, method, status) => {
    const caller = await t.caller(scopes);
    const post = {
      headers: { 'idempotency-key': 'scope-matrix' },
      payload: { amount: '1.00', currency: 'USD' },
    };
    const response = await t.send(caller, {
      method,
      url: '/api/v1/probe',
      ...(method === 'POST' ? post : {}),
    });
    expect(response.statusCode).toBe(status);
    if (status === 403) expect(response.json()).toMatchObject({ code: 'insufficient_scope' });
  });

  it('is not created with an unknown scope, without a scope, without a name, or for an unknown tenant', async () => {
    const { tenant } = await t.caller();
    await expect(keys().create(tenant, 'x', ['settlement:read'])).rejects.toBeInstanceOf(UnknownScope);
    await expect(keys().create(tenant, 'x', [])).rejects.toBeInstanceOf(InvalidApiKey);
    await expect(keys().create(tenant, ' ', ['*'])).rejects.toBeInstanceOf(InvalidApiKey);
    await expect(keys().create(t.db.newTenant(), 'x', ['*'])).rejects.toBeInstanceOf(TenantUnknown);
  });
});

describe('the database', () => {
  it('returns tenant and id for a hash, to the system only, and shows keys to their tenant only', async () => {
    const [a, b] = [await t.caller(), await t.caller()];
    const call = { text: `SELECT * FROM identity.find_api_key('\\x00')`, values: [] };
    await expect(t.db.uow.run(a.tenant, (tx) => sql(tx).rows(call))).rejects.toMatchObject({ code: '42501' });
    await expect(
      t.db.uow.runForSystem((tx) => sql(tx).rows({ text: 'SELECT * FROM identity.api_keys', values: [] })),
    ).rejects.toMatchObject({ code: '42501' });
    const seen = await t.db.uow.run(b.tenant, (tx) =>
      sql(tx).rows<{ id: string }>({ text: 'SELECT id FROM identity.api_keys', values: [] }),
    );
    expect(seen.map((row) => row.id)).toEqual([b.keyId]);
  });

  it("allows no change of a key's scopes", async () => {
    const { tenant } = await t.caller();
    for (const change of [
      `scopes = '{*}'`,
      `name = 'x'`,
      `created_by_id = gen_random_uuid()`,
      `rate_limit_per_minute = NULL`,
      `expires_at = NULL`,
      `tenant_id = gen_random_uuid()`,
    ]) {
      await expect(
        t.db.uow.run(tenant, (tx) =>
          sql(tx).count({ text: `UPDATE identity.api_keys SET ${change}`, values: [] }),
        ),
      ).rejects.toMatchObject({ code: '42501' });
    }
  });
});
