import type { Tenant } from '../../../src/modules/tenancy';
import { IdentityWorld, type Browser } from './support/identity-world';

let w: IdentityWorld;
let tenant: Tenant;
let admin: Browser;

beforeAll(async () => {
  w = await IdentityWorld.start();
});
afterAll(() => w.close());
beforeEach(async () => {
  tenant = await w.tenant();
  admin = await w.signedIn(await w.user([[tenant, 'tenant_admin']]));
});

const invite = async (browser: Browser, given: object) =>
  browser.ask('POST', '/users', { name: 'Bob', role: 'analyst', ...given });
let count = 0;
const newEmail = () => `bob-${++count}@example.com`;

describe('a membership', () => {
  it('that is changed, disabled or removed counts at once, and only in its tenant', async () => {
    const other = await w.tenant();
    const bob = await w.user([
      [tenant, 'tenant_admin'],
      [other, 'analyst'],
    ]);
    const browser = await w.signedIn(bob);
    const users = (id: string) => browser.ask('GET', '/users', undefined, { 'x-tenant-id': id });
    expect((await users(tenant.id)).status).toBe(200);
    expect((await admin.ask('PATCH', `/users/${bob.id}`, { role: 'ANALYST' })).body).toMatchObject({
      role: 'analyst',
    });
    expect((await users(tenant.id)).body['code']).toBe('insufficient_scope');
    expect((await admin.ask('PATCH', `/users/${bob.id}`, { is_active: false })).body).toMatchObject({
      status: 'disabled',
    });
    expect((await users(tenant.id)).body['code']).toBe('tenant_not_found');
    expect((await admin.ask('PATCH', `/users/${bob.id}`, { is_active: true })).body).toMatchObject({
      status: 'active',
    });
    expect((await users(tenant.id)).body['code']).toBe('insufficient_scope');
    expect((await admin.ask('DELETE', `/users/${bob.id}`)).status).toBe(204);
    expect((await users(tenant.id)).body['code']).toBe('tenant_not_found');
    expect((await browser.ask('GET', '/tenant/settings')).status).toBe(200);
    expect((await admin.ask('GET', `/users/${bob.id}`)).body['code']).toBe('user_not_found');
    const trail = await w.sql<{ action: string; before: unknown; after: unknown }>(
      `SELECT action, before, after FROM platform.audit_log WHERE tenant_id = $1 AND entity_id = $2
        AND action = 'user.changed' ORDER BY id LIMIT 1`,
      [tenant.id, bob.id],
    );
    expect(trail).toEqual([
      { action: 'user.changed', before: { role: 'tenant_admin' }, after: { role: 'analyst' } },
    ]);
  });

  it('that is not changed leaves no record, and ends no access', async () => {
    const bob = await w.user([[tenant, 'analyst']]);
    const left = async () => ({
      records: await w.sql('SELECT id FROM platform.audit_log WHERE tenant_id = $1', [tenant.id]),
      epoch: await w.sql('SELECT epoch FROM platform.access_epochs WHERE tenant_id = $1 AND epoch > 0', [
        tenant.id,
      ]),
    });
    const before = await left();
    for (const same of [{}, { role: 'analyst' }, { is_active: true }])
      expect((await admin.ask('PATCH', `/users/${bob.id}`, same)).body).toMatchObject({
        role: 'analyst',
        status: 'active',
      });
    expect(await left()).toEqual(before);
  });

  it.each([{ role: null }, { is_active: null }, { role: 'analyst', is_active: null }])(
    'is not changed by %j: null is no value',
    async (change) => {
      const bob = await w.user([[tenant, 'operator']]);
      const response = await admin.ask('PATCH', `/users/${bob.id}`, change);
      expect(response.body).toMatchObject({ status: 422, code: 'validation_failed' });
      expect((await admin.ask('GET', `/users/${bob.id}`)).body).toMatchObject({
        role: 'operator',
        status: 'active',
      });
    },
  );

  it('of the last administrator stays, also when two administrators leave at once', async () => {
    const { id } = (await admin.ask('GET', '/auth/profile')).body;
    expect((await admin.ask('DELETE', `/users/${String(id)}`)).body['code']).toBe('last_admin');
    for (const change of [{ role: 'analyst' }, { is_active: false }])
      expect((await admin.ask('PATCH', `/users/${String(id)}`, change)).body['code']).toBe('last_admin');
    const second = await w.user([[tenant, 'tenant_admin']]);
    const other = await w.signedIn(second);
    const responses = await Promise.all([
      admin.ask('DELETE', `/users/${String(id)}`),
      other.ask('DELETE', `/users/${second.id}`),
    ]);
    const left = await w.sql(
      `SELECT 1 FROM identity.memberships WHERE tenant_id = $1 AND role = 'tenant_admin'
        AND state = 'active'`,
      [tenant.id],
    );
    expect([responses.filter(({ status }) => status === 204).length, left.length]).toEqual([1, 1]);
  });

  it('can be activated by the invited user only', async () => {
    const { user_id: id } = (await invite(admin, { email: newEmail() })).body;
    expect((await admin.ask('PATCH', `/users/${String(id)}`, { is_active: true })).body).toMatchObject({
      status: 409,
      code: 'invalid_transition',
      from: 'invited',
    });
  });

  it('is listed in pages, newest first, to its tenant only', async () => {
    const stranger = await w.user([[await w.tenant(), 'tenant_admin']]);
    for (let i = 0; i < 3; i++) await invite(admin, { email: newEmail() });
    const emails: string[] = [];
    for (let path: string | null = '/users?limit=2'; path;) {
      const { body } = await admin.ask('GET', path);
      const page = body as unknown as { results: { email: string }[]; next: string | null };
      emails.push(...page.results.map(({ email }) => email));
      path = page.next;
    }
    expect(emails).toHaveLength(4);
    expect(new Set(emails).size).toBe(4);
    expect(emails).not.toContain(stranger.email);
    expect((await admin.ask('GET', `/users/${stranger.id}`)).body['code']).toBe('user_not_found');
  });
});
