import type { TenantId } from '../../../src/kernel/ids';
import { Tenancy, TenantUnknown } from '../../../src/modules/tenancy';
import { TenantBranding } from '../../../src/modules/tenancy/application/tenant-branding';
import { sql } from '../../../src/platform/database';
import { testApp, type Caller, type TestApp } from '../http/support/test-app';

const BLANK = { logo_url: null, primary_color: null, support_email: null, support_url: null };
const WHOLE = {
  display_name: 'Acme Contests',
  logo_url: 'https://cdn.example.com/acme.svg',
  primary_color: '#1a73e8',
  support_email: 'support@example.com',
  support_url: 'https://example.com/support',
};

let t: TestApp;
let branding: TenantBranding;

beforeAll(async () => {
  t = await testApp();
  branding = t.app.get(TenantBranding, { strict: false });
});
afterAll(async () => t.close());

const read = async (caller: Caller) =>
  (await t.send(caller, { url: '/api/v1/tenant/branding' })).json<Record<string, unknown>>();
const put = async (caller: Caller, payload: object) =>
  (await t.send(caller, { method: 'PUT', url: '/api/v1/tenant/branding', payload })).json<
    Record<string, unknown>
  >();
const trail = {
  text: `SELECT actor_kind, entity_id, before, after FROM platform.audit_log
    WHERE action = 'tenant_branding.changed' ORDER BY id`,
  values: [],
};
const rowsOf = (tenant: TenantId) =>
  t.db.uow.run(tenant, (tx) => sql(tx).rows({ text: 'SELECT tenant_id FROM tenancy.branding', values: [] }));

describe('branding', () => {
  it('is created by the first of eight concurrent reads, with the name of the tenant', async () => {
    const { id } = await t.app.get(Tenancy, { strict: false }).create('Acme');
    let arrived = 0;
    let start = (): void => undefined;
    const all = new Promise<void>((resolve) => (start = resolve));
    const readTogether = () =>
      t.db.uow.run(id, async (tx) => {
        if (++arrived === 8) start();
        await all;
        return branding.read(tx);
      });
    const blank = {
      displayName: 'Acme',
      logoUrl: null,
      primaryColor: null,
      supportEmail: null,
      supportUrl: null,
    };
    expect(await Promise.all(Array.from({ length: 8 }, readTogether))).toEqual(Array(8).fill(blank));
    expect(await rowsOf(id)).toEqual([{ tenant_id: id }]);
  });

  it('of a tenant that does not exist is not created', async () => {
    const unknown = t.db.newTenant();
    await expect(t.db.uow.run(unknown, (tx) => branding.read(tx))).rejects.toBeInstanceOf(TenantUnknown);
    expect(await rowsOf(unknown)).toEqual([]);
  });

  it('is replaced as a whole by a caller with the scope; each change leaves a record of the difference', async () => {
    const caller = await t.caller(['tenant:*']);
    expect(await read(caller)).toEqual({ display_name: 'Acme', ...BLANK });
    expect(
      await put(caller, { ...WHOLE, display_name: '  Acme Contests ', primary_color: '#1A73E8' }),
    ).toEqual(WHOLE);
    expect(await read(caller)).toEqual(WHOLE);
    expect(await put(caller, WHOLE)).toEqual(WHOLE);
    expect(
      await put(caller, {
        display_name: 'Acme Contests',
        support_url: null,
        support_email: WHOLE.support_email,
      }),
    ).toEqual({ ...BLANK, display_name: 'Acme Contests', support_email: WHOLE.support_email });
    const { display_name: _same, support_email: _support, ...taken } = WHOLE;
    const { support_email: _stays, ...gone } = BLANK;
    expect(await t.db.uow.run(caller.tenant, (tx) => sql(tx).rows(trail))).toEqual([
      {
        actor_kind: 'api_key',
        entity_id: caller.tenant,
        before: { display_name: 'Acme', ...BLANK },
        after: WHOLE,
      },
      { actor_kind: 'api_key', entity_id: caller.tenant, before: taken, after: gone },
    ]);
  });

  it.each([
    ['display_name', ''],
    ['display_name', '   '],
    ['display_name', 'x'.repeat(201)],
    ['logo_url', 'http://example.com/logo.svg'],
    ['logo_url', 'javascript:alert(1)'],
    ['logo_url', `https://example.com/${'x'.repeat(2_000)}`],
    ['primary_color', 'red'],
    ['primary_color', '#1a73e80'],
    ['support_email', 'support'],
    ['support_url', 'https://me:secret@example.com'],
    ['favicon', 'https://example.com'],
  ])('rejects %s "%s" by name, and stays as it was', async (field, value) => {
    const caller = await t.caller(['tenant:*']);
    expect(await put(caller, { ...WHOLE, [field]: value })).toMatchObject({
      status: 422,
      code: 'validation_failed',
      errors: { [field]: expect.anything() },
    });
    expect(await read(caller)).toEqual({ display_name: 'Acme', ...BLANK });
  });

  it('requires the scopes to read and to write the tenant', async () => {
    expect(await read(await t.caller(['audit:read']))).toMatchObject({
      status: 403,
      code: 'insufficient_scope',
    });
    expect(await put(await t.caller(['tenant:read']), WHOLE)).toMatchObject({
      status: 403,
      code: 'insufficient_scope',
    });
  });
});
