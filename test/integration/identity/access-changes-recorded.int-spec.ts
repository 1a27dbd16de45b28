import { Users } from '../../../src/modules/identity';
import { UpdateAccountFlags } from '../../../src/modules/identity/accounts/application/update-account-flags';
import type { Tenant } from '../../../src/modules/tenancy';
import { AuditTrail } from '../../../src/platform/audit';
import { systemActor } from '../../../src/kernel/actor';
import { PASSWORD, PeopleWorld, type Browser, type Person } from './support/identity-world';

const NEXT = 'eleven blue whales whistle';

let w: PeopleWorld;

beforeAll(async () => {
  w = await PeopleWorld.start();
});
afterAll(() => w.close());

const trail = (of: Tenant, id: string) =>
  w.sql<{ action: string; actor_name: string }>(
    'SELECT action, actor_name FROM platform.audit_log WHERE tenant_id = $1 AND (entity_id = $2 OR actor_id::text = $2) ORDER BY id',
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

describe('what somebody did with their account', () => {
  it('is told where they are inside, and nowhere else', async () => {
    const [active, invited, disabled] = [await w.tenant(), await w.tenant(), await w.tenant()];
    const ann = await w.person([
      [active, 'analyst'],
      [disabled, 'analyst'],
    ]);
    await w.invited(invited, ann.email, 'analyst');
    await w.sql(`UPDATE identity.memberships SET state = 'disabled' WHERE user_id = $1 AND tenant_id = $2`, [
      ann.id,
      disabled.id,
    ]);
    const before = await Promise.all([active, invited, disabled].map(epochOf));
    expect((await changePassword(await w.inside(ann))).status).toBe(204);
    expect(await actions(active, ann.id)).toContain('user.password_changed');
    for (const other of [invited, disabled])
      expect(await actions(other, ann.id)).not.toContain('user.password_changed');
    expect(
      (await Promise.all([active, invited, disabled].map(epochOf))).map(
        (epoch, i) => epoch - (before[i] as number),
      ),
    ).toEqual([1, 0, 0]);
  });

  it('is told to each tenant under the name that this tenant gave them', async () => {
    const [a, b] = [await w.tenant(), await w.tenant()];
    const email = 'names@example.com';
    const people = w.get(Users);
    const invite = async (tenant: Tenant, name: string) =>
      w.accepted(
        (
          await people.invite(
            { tenantId: tenant.id, scopes: ['*'], actor: systemActor('test') },
            { email, name, role: 'tenant_admin' },
          )
        ).token,
      );
    await invite(a, 'Bob of A');
    await invite(b, 'Robert of B');
    for (const tenant of [a, b]) await w.person([[tenant, 'tenant_admin']]);
    const [{ id }] = (await w.sql<{ id: string }>('SELECT id FROM identity.users WHERE email = $1', [
      email,
    ])) as [{ id: string }];
    const bob: Person = { id, email };
    const browser = await w.inside(bob);
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
      const told = await names(tenant);
      for (const action of ['user.invitation_accepted', 'user.changed', 'user.password_changed'])
        expect([action, told.get(action)]).toEqual([action, name]);
    }
  });
});

describe('what ends for a person', () => {
  it('ends and is told in all of their tenants, or not at all', async () => {
    const tenants = [await w.tenant(), await w.tenant()];
    const ann = await w.person(tenants.map((tenant) => [tenant, 'analyst'] as const));
    const browser = await w.inside(ann);
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

  it('does not keep two who end at once waiting for each other', async () => {
    const tenants = await Promise.all(Array.from({ length: 4 }, () => w.tenant()));
    const people = [
      await w.person(tenants.map((tenant) => [tenant, 'analyst'] as const)),
      await w.person([...tenants].reverse().map((tenant) => [tenant, 'analyst'] as const)),
    ];
    for (const isActive of [false, true]) await Promise.all(people.map(({ id }) => disable(id, isActive)));
    for (const tenant of tenants)
      for (const { id } of people)
        expect((await actions(tenant, id)).filter((action) => /abled$/.test(action))).toEqual([
          'user.disabled',
          'user.enabled',
        ]);
  });
});

describe('the log of the installation', () => {
  it('keeps what was done to somebody who has no tenant', async () => {
    const root = await w.person([], { isPlatformAdmin: true });
    const ann = await w.person();
    const browser = await w.inside(root);
    for (const is_active of [false, true])
      expect((await browser.ask('PATCH', `/platform-users/${ann.id}`, { is_active })).status).toBe(204);
    await changePassword(await w.inside(ann));
    expect(await logOf(ann.id)).toEqual([
      { action: 'user.invited', actor_kind: 'system', actor_name: 'command line' },
      { action: 'user.disabled', actor_kind: 'user', actor_name: 'Ann Lee' },
      { action: 'user.enabled', actor_kind: 'user', actor_name: 'Ann Lee' },
      { action: 'user.password_changed', actor_kind: 'user', actor_name: 'Ann Lee' },
    ]);
    expect((await logOf(root.id))[0]).toMatchObject({ action: 'user.promoted', actor_kind: 'system' });
  });

  it('is changed by nobody', async () => {
    const { id } = await w.person();
    await expect(
      w.sql(`UPDATE identity.installation_log SET action = 'user.other' WHERE user_id = $1`, [id]),
    ).rejects.toThrow();
    await expect(w.t.db.app.query('SELECT 1 FROM identity.installation_log')).rejects.toMatchObject({
      code: '42501',
    });
  });
});
