import { AccessTokens } from '../../../src/modules/identity/access/application/ports';
import { Tenancy } from '../../../src/modules/tenancy';
import { systemActor } from '../../../src/kernel/actor';
import { IdentityWorld, type Browser } from './support/identity-world';

let w: IdentityWorld;

beforeAll(async () => {
  w = await IdentityWorld.start();
});
afterAll(() => w.close());

describe("the tenant of a user's request", () => {
  const requested = (browser: Browser, headers: Record<string, string> = {}) =>
    browser.ask('GET', '/tenant/settings', undefined, { 'x-request-id': 'the-same-request', ...headers });

  it("is the user's only one; with two it must be named; with none the request is rejected", async () => {
    const [a, b] = [await w.tenant(), await w.tenant()];
    expect((await requested(await w.signedIn(await w.user([[a, 'analyst']])))).status).toBe(200);
    const both = await w.signedIn(
      await w.user([
        [a, 'analyst'],
        [b, 'read_only'],
      ]),
    );
    expect((await requested(both)).body).toMatchObject({ status: 400, code: 'tenant_required' });
    expect((await requested(both, { 'x-tenant-id': b.id.toUpperCase() })).status).toBe(200);
    expect((await requested(await w.signedIn(await w.user()))).body).toMatchObject({
      status: 400,
      code: 'tenant_required',
    });
  });

  it("gets the same response, byte by byte, whether it is another user's or does not exist", async () => {
    const [mine, theirs] = [await w.tenant(), await w.tenant('Secret Corp')];
    const browser = await w.signedIn(await w.user([[mine, 'tenant_admin']]));
    const unknown = await requested(browser, { 'x-tenant-id': '0198b0f2-7c1e-7b3a-9d55-000000000000' });
    expect(unknown.body).toMatchObject({ status: 404, code: 'tenant_not_found' });
    const hosts = [`${theirs.slug}.disburse.example`, 'unknown-0123456789ab.disburse.example'];
    for (const headers of [
      { 'x-tenant-id': theirs.id },
      { 'x-tenant-id': 'x' },
      ...hosts.map((host) => ({ host })),
    ]) {
      expect([headers, (await requested(browser, headers)).text]).toEqual([headers, unknown.text]);
    }
  });

  it('may be named by the host; the header comes first', async () => {
    const [a, b] = [await w.tenant(), await w.tenant()];
    const browser = await w.signedIn(
      await w.user([
        [a, 'tenant_admin'],
        [b, 'tenant_admin'],
      ]),
    );
    const inA = { host: `${a.slug}.disburse.example:8443` };
    await w.invited(a, 'only-in-a@example.com', 'analyst');
    const people = async (headers: Record<string, string>) =>
      JSON.stringify((await browser.ask('GET', '/users', undefined, headers)).body);
    expect(await people(inA)).toContain('only-in-a');
    expect(await people({ ...inA, 'x-tenant-id': b.id })).not.toContain('only-in-a');
    expect((await requested(browser, { host: 'www.disburse.example' })).body['code']).toBe('tenant_required');
    expect((await requested(browser, { host: a.slug })).body['code']).toBe('tenant_required');
  });

  it('that is suspended is closed at once', async () => {
    const tenant = await w.tenant();
    const browser = await w.signedIn(await w.user([[tenant, 'tenant_admin']]));
    const stranger = await w.signedIn(await w.user([[await w.tenant(), 'tenant_admin']]));
    await w.t.db.uow.run(tenant.id, (tx) => w.get(Tenancy).suspend(tx, 'a test', systemActor('test')));
    expect((await requested(browser)).body).toMatchObject({ status: 403, code: 'tenant_suspended' });
    expect((await requested(stranger, { 'x-tenant-id': tenant.id })).body['code']).toBe('tenant_not_found');
  });

  it("must be the key's own where a request with a key names one", async () => {
    const caller = await w.t.caller(['tenant:read']);
    const ask = (tenant: string) =>
      w.ask('GET', '/tenant/settings', undefined, { 'x-api-key': caller.secret, 'x-tenant-id': tenant });
    expect((await ask(caller.tenant)).status).toBe(200);
    expect((await ask((await w.tenant()).id)).body['code']).toBe('tenant_not_found');
  });
});

describe('more than one kind of credentials in a request', () => {
  it('is rejected, since it names two callers', async () => {
    const ann = await w.user();
    const { cookie } = await w.signedIn(ann);
    const { access_token: token } = await w.tokens(ann);
    const caller = await w.t.caller();
    const ways: Record<string, string>[] = [
      { cookie: cookie as string },
      { authorization: `Bearer ${token}` },
      { 'x-api-key': caller.secret },
    ];
    for (const [i, one] of ways.entries()) {
      const another = ways[(i + 1) % 3];
      expect((await w.ask('GET', '/auth/profile', undefined, { ...one, ...another })).body).toMatchObject({
        status: 400,
        code: 'ambiguous_credentials',
      });
    }
    expect(w.get(AccessTokens).lifetimeS).toBeLessThanOrEqual(900);
  });
});
