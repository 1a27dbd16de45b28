import { systemActor } from '../../../src/kernel/actor';
import { InvalidTenantName, Tenancy, TenantUnknown } from '../../../src/modules/tenancy';
import { sql } from '../../../src/platform/database';
import { testApp, type TestApp } from '../http/support/test-app';

let t: TestApp;
let tenancy: Tenancy;

beforeAll(async () => {
  t = await testApp();
  tenancy = t.app.get(Tenancy, { strict: false });
});
afterAll(async () => t.close());

const DEFAULTS = { allowedCurrencies: ['EUR', 'UAH', 'USD'], maxAttempts: 3, approvalAbove: new Map() };

describe('a tenant', () => {
  it('is created active, with a slug of its own and the default settings', async () => {
    const tenant = await tenancy.create('  Ärme & Söhne GmbH ');
    expect(tenant).toMatchObject({
      name: 'Ärme & Söhne GmbH',
      status: 'active',
      slug: `arme-sohne-gmbh-${tenant.id.slice(-12)}`,
    });
    await t.db.uow.run(tenant.id, async (tx) => {
      expect(await tenancy.statusOf(tx)).toBe('active');
      expect(await tenancy.settingsOf(tx)).toEqual(DEFAULTS);
    });
  });

  it.each(['', '   ', 'x'.repeat(201)])('is not created with the name "%s"', async (name) => {
    await expect(tenancy.create(name)).rejects.toBeInstanceOf(InvalidTenantName);
  });

  it('cannot be read, created or changed in a transaction of another tenant', async () => {
    const [a, b] = [await tenancy.create('A'), await tenancy.create('B')];
    const asB = <T>(text: string) => t.db.uow.run(b.id, (tx) => sql(tx).rows<T>({ text, values: [] }));
    expect(await asB<{ id: string }>('SELECT id FROM tenancy.tenants')).toEqual([{ id: b.id }]);
    await expect(
      asB(
        `INSERT INTO tenancy.tenants (id, name, slug, status) VALUES (gen_random_uuid(), 'x', 'x', 'active')`,
      ),
    ).rejects.toMatchObject({ code: '42501' });
    await asB(`UPDATE tenancy.tenants SET status = 'suspended' WHERE id = '${a.id}'`);
    expect(await t.db.uow.run(a.id, (tx) => tenancy.statusOf(tx))).toBe('active');
  });

  it('is suspended and reactivated with a reason, which its audit log records once', async () => {
    const { id } = await tenancy.create('A');
    const by = systemActor('an operator');
    for (const reason of ['unpaid', 'said again'])
      await t.db.uow.run(id, (tx) => tenancy.suspend(tx, reason, by));
    expect(await t.db.uow.run(id, (tx) => tenancy.statusOf(tx))).toBe('suspended');
    await t.db.uow.run(id, (tx) => tenancy.reactivate(tx, 'paid', by));
    expect(await t.db.uow.run(id, (tx) => tenancy.statusOf(tx))).toBe('active');
    const trail = {
      text: `SELECT actor_name, action, before, after FROM platform.audit_log WHERE action <> 'tenant.created'
        ORDER BY id`,
      values: [],
    };
    expect(await t.db.uow.run(id, (tx) => sql(tx).rows(trail))).toEqual([
      {
        actor_name: 'an operator',
        action: 'tenant.suspended',
        before: { status: 'active' },
        after: { status: 'suspended', reason: 'unpaid' },
      },
      {
        actor_name: 'an operator',
        action: 'tenant.reactivated',
        before: { status: 'suspended' },
        after: { status: 'active', reason: 'paid' },
      },
    ]);
  });

  it('that does not exist has no status and cannot be suspended', async () => {
    const unknown = t.db.newTenant();
    expect(await t.db.uow.run(unknown, (tx) => tenancy.statusOf(tx))).toBeNull();
    await expect(
      t.db.uow.run(unknown, (tx) => tenancy.suspend(tx, 'a test', systemActor('test'))),
    ).rejects.toBeInstanceOf(TenantUnknown);
  });
});

describe('settings', () => {
  it('are created by the first of eight concurrent reads', async () => {
    const tenant = t.db.newTenant();
    let arrived = 0;
    let start = (): void => undefined;
    const all = new Promise<void>((resolve) => (start = resolve));
    const readTogether = () =>
      t.db.uow.run(tenant, async (tx) => {
        if (++arrived === 8) start();
        await all;
        return tenancy.settingsOf(tx);
      });
    expect(await Promise.all(Array.from({ length: 8 }, readTogether))).toEqual(Array(8).fill(DEFAULTS));
    const rows = await t.db.uow.run(tenant, (tx) =>
      sql(tx).rows({ text: 'SELECT tenant_id FROM tenancy.settings', values: [] }),
    );
    expect(rows).toEqual([{ tenant_id: tenant }]);
  });

  it('read in a read-only transaction are the same defaults', async () => {
    expect(await t.db.uow.run(t.db.newTenant(), (tx) => tenancy.settingsOf(tx), { readOnly: true })).toEqual(
      DEFAULTS,
    );
  });

  it('are read and replaced over HTTP by a caller with the scope', async () => {
    const caller = await t.caller(['tenant:*']);
    const put = (payload: object) =>
      t.send(caller, { method: 'PUT', url: '/api/v1/tenant/settings', payload });
    const replaced = await put({ allowed_currencies: ['usd', 'KWD', 'USD'], max_attempts: 5 });
    expect(replaced.json()).toEqual({
      allowed_currencies: ['KWD', 'USD'],
      max_attempts: 5,
      approval_above: [],
    });
    expect((await t.send(caller, { url: '/api/v1/tenant/settings' })).json()).toEqual(replaced.json());
    expect((await put({ allowed_currencies: ['XXX'], max_attempts: 5 })).json()).toMatchObject({
      status: 422,
      code: 'invalid_currency',
    });
    expect((await put({ allowed_currencies: [], max_attempts: 5 })).json()).toMatchObject({
      status: 422,
      code: 'validation_failed',
    });
    expect(
      (
        await t.send(await t.caller(['tenant:read']), {
          method: 'PUT',
          url: '/api/v1/tenant/settings',
          payload: {},
        })
      ).statusCode,
    ).toBe(403);
  });

  it('have the limits above which an approval is needed; a change without limits leaves them', async () => {
    const caller = await t.caller(['tenant:*']);
    const put = async (payload: object) =>
      (await t.send(caller, { method: 'PUT', url: '/api/v1/tenant/settings', payload })).json<
        Record<string, unknown>
      >();
    const common = { allowed_currencies: ['USD', 'JPY'], max_attempts: 3 };
    const limits = [
      { amount: '500', currency: 'JPY' },
      { amount: '1000.00', currency: 'USD' },
    ];
    expect(
      await put({ ...common, approval_above: [{ amount: '1000', currency: 'usd' }, limits[0]] }),
    ).toMatchObject({ approval_above: limits });
    expect(await put(common)).toMatchObject({ approval_above: limits });
    const { approvalAbove } = await t.db.uow.run(caller.tenant, (tx) => tenancy.settingsOf(tx), {
      readOnly: true,
    });
    expect([...approvalAbove]).toEqual([
      ['JPY', 500n],
      ['USD', 1_000_00n],
    ]);
    expect(await put({ ...common, allowed_currencies: ['USD'] })).toMatchObject({
      status: 422,
      code: 'invalid_tenant_settings',
    });
    expect(await put({ ...common, approval_above: [{ amount: '0.5', currency: 'JPY' }] })).toMatchObject({
      status: 422,
      code: 'invalid_amount',
    });
    expect(await put({ ...common, approval_above: [{ amount: 1, currency: 'JPY' }] })).toMatchObject({
      status: 422,
      code: 'validation_failed',
    });
    expect(await put({ ...common, approval_above: [] })).toMatchObject({ approval_above: [] });
  });
});
