import { Users } from '../../../src/modules/identity';
import { UpdateAccountFlags } from '../../../src/modules/identity/accounts/application/update-account-flags';
import type { Tenant } from '../../../src/modules/tenancy';
import { AuditTrail } from '../../../src/platform/audit';
import { systemActor } from '../../../src/kernel/actor';
import { PASSWORD, IdentityWorld, type Browser, type TestUser } from './support/identity-world';

const NEXT = 'eleven blue whales whistle';

let w: IdentityWorld;

beforeAll(async () => {
  w = await IdentityWorld.start();
});
afterAll(() => w.close());

const trail = (of: Tenant, id: string) =>
  w.sql<{ action: string; actor_name: string }>(
    `SELECT action, actor_name FROM platform.audit_log
      WHERE tenant_id = $1 AND (entity_id = $2 OR actor_id::text = $2) ORDER BY id`,
    [of.id, id],
  );
const actions = async (of: Tenant, id: string) => (await trail(of, id)).map(({ action }) => action);
const epochOf = async (of: Tenant) =>
  Number(
    (
      await w.sql<{ epoch: string }>('SELECT epoch FROM platform.access_epochs WHERE tenant_id = $1', [of.id])
    )[0]?.epoch ?? 0,
  );
const logOf = (id: string) =>
  w.sql<{ action: string; actor_kind: string; actor_name: string }>(
    'SELECT action, actor_kind, actor_name FROM identity.installation_log WHERE user_id = $1 ORDER BY id',
    [id],
  );
const changePassword = (browser: Browser) =>
  browser.ask('POST', '/auth/change-password', { current_password: PASSWORD, new_password: NEXT });
const disable = (id: string, isActive = false) =>
  w.get(UpdateAccountFlags).execute(id, { isActive }, systemActor('test'));

describe("a change of a user's own account", () => {
  it('is recorded in tenants where the user is active, and in no other', async () => {
    const [active, invited, disabled] = [await w.tenant(), await w.tenant(), await w.tenant()];
    const ann = await w.user([
      [active, 'analyst'],
      [disabled, 'analyst'],
    ]);
    await w.invited(invited, ann.email, 'analyst');
    await w.sql(`UPDATE identity.memberships SET state = 'disabled' WHERE user_id = $1 AND tenant_id = $2`, [
      ann.id,
      disabled.id,
    ]);
    const before = await Promise.all([active, invited, disabled].map(epochOf));
    expect((await changePassword(await w.signedIn(ann))).status).toBe(204);
    expect(await actions(active, ann.id)).toContain('user.password_changed');
    for (const other of [invited, disabled])
      expect(await actions(other, ann.id)).not.toContain('user.password_changed');
    expect(
      (await Promise.all([active, invited, disabled].map(epochOf))).map(
        (epoch, i) => epoch - (before[i] as number),
      ),
    ).toEqual([1, 0, 0]);
  });

  it('is recorded in each tenant under the name that this tenant gave the user', async () => {
    const [a, b] = [await w.tenant(), await w.tenant()];
    const email = 'names@example.com';
    const users = w.get(Users);
    const invite = async (tenant: Tenant, name: string) =>
      w.accepted(
        (
          await users.invite(
            { tenantId: tenant.id, scopes: ['*'], actor: systemActor('test') },
            { email, name, role: 'tenant_admin' },
          )
        ).token,
      );
    await invite(a, 'Bob of A');
    await invite(b, 'Robert of B');
    for (const tenant of [a, b]) await w.user([[tenant, 'tenant_admin']]);
    const [{ id }] = (await w.sql<{ id: string }>('SELECT id FROM identity.users WHERE email = $1', [
      email,
    ])) as [{ id: string }];
    const bob: TestUser = { id, email };
    const browser = await w.signedIn(bob);
    for (const { id: tenant } of [a, b]) {
      const made = await browser.ask(
        'PATCH',
        `/users/${id}`,
        { role: 'operator' },
        { 'x-tenant-id': tenant },
      );
      expect(made.body).toMatchObject({ role: 'operator' });
    }
    expect((await changePassword(browser)).status).toBe(204);
    const names = async (of: Tenant) =>
      new Map((await trail(of, id)).map(({ action, actor_name: name }) => [action, name]));
    for (const [tenant, name] of [
      [a, 'Bob of A'],
      [b, 'Robert of B'],
    ] as const) {
      const recorded = await names(tenant);
      for (const action of ['user.invitation_accepted', 'user.changed', 'user.password_changed'])
        expect([action, recorded.get(action)]).toEqual([action, name]);
    }
  });
});

describe("the end of a user's access", () => {
  it('is recorded in all tenants of the user, or nothing ends', async () => {
    const tenants = [await w.tenant(), await w.tenant()];
    const ann = await w.user(tenants.map((tenant) => [tenant, 'analyst'] as const));
    const browser = await w.signedIn(ann);
    const before = await Promise.all(tenants.map(epochOf));
    const audit = w.get(AuditTrail);
    const real = audit.recordIn.bind(audit);
    const dying = jest
      .spyOn(audit, 'recordIn')
      .mockImplementationOnce(real)
      .mockRejectedValueOnce(new Error('the process dies'));
    await expect(disable(ann.id)).rejects.toThrow('the process dies');
    dying.mockRestore();
    expect((await browser.ask('GET', '/auth/profile')).status).toBe(200);
    for (const tenant of tenants) expect(await actions(tenant, ann.id)).not.toContain('user.disabled');
    expect(await Promise.all(tenants.map(epochOf))).toEqual(before);
    await disable(ann.id);
    expect((await browser.ask('GET', '/auth/profile')).status).toBe(401);
    for (const tenant of tenants) expect(await actions(tenant, ann.id)).toContain('user.disabled');
    expect(await Promise.all(tenants.map(epochOf))).toEqual(before.map((epoch) => epoch + 1));
  });

  it('of two users at once does not deadlock', async () => {
    const tenants = await Promise.all(Array.from({ length: 4 }, () => w.tenant()));
    const users = [
      await w.user(tenants.map((tenant) => [tenant, 'analyst'] as const)),
      await w.user([...tenants].reverse().map((tenant) => [tenant, 'analyst'] as const)),
    ];
    for (const isActive of [false, true]) await Promise.all(users.map(({ id }) => disable(id, isActive)));
    for (const tenant of tenants)
      for (const { id } of users)
        expect((await actions(tenant, id)).filter((action) => /abled$/.test(action))).toEqual([
          'user.disabled',
          'user.enabled',
        ]);
  });
});

describe('the log of the installation', () => {
  it('records changes of a user without a tenant', async () => {
    const root = await w.user([], { isPlatformAdmin: true });
    const ann = await w.user();
    const browser = await w.signedIn(root);
    for (const is_active of [false, true])
      expect((await browser.ask('PATCH', `/platform-users/${ann.id}`, { is_active })).status).toBe(204);
    await changePassword(await w.signedIn(ann));
    expect(await logOf(ann.id)).toEqual([
      { action: 'user.invited', actor_kind: 'system', actor_name: 'command line' },
      { action: 'user.disabled', actor_kind: 'user', actor_name: 'Ann Lee' },
      { action: 'user.enabled', actor_kind: 'user', actor_name: 'Ann Lee' },
      { action: 'user.password_changed', actor_kind: 'user', actor_name: 'Ann Lee' },
    ]);
    expect((await logOf(root.id))[0]).toMatchObject({ action: 'user.promoted', actor_kind: 'system' });
  });

  it('cannot be changed', async () => {
    const { id } = await w.user();
    await expect(
      w.sql(`UPDATE identity.installation_log SET action = 'user.other' WHERE user_id = $1`, [id]),
    ).rejects.toThrow();
    await expect(w.t.db.app.query('SELECT 1 FROM identity.installation_log')).rejects.toMatchObject({
      code: '42501',
    });
  });
});
