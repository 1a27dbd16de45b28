import { AsyncResource } from 'node:async_hooks';
import { UserStore } from '../../../src/modules/identity/accounts/application/ports';
import type { Tenant } from '../../../src/modules/tenancy';
import { AuditTrail } from '../../../src/platform/audit';
import { until } from '../../support';
import { PASSWORD, IdentityWorld, type Browser } from './support/identity-world';

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

const accept = (token: string, password = PASSWORD) =>
  w.ask('POST', '/auth/accept-invitation', { token, password });
const READ_ONLY = [
  'users:read',
  'settlements:read',
  'payouts:read',
  'payout_jobs:read',
  'transfers:read',
  'recipients:read',
  'tenant:read',
];

describe('resetting a password', () => {
  const NEXT = 'eleven blue whales whistle';
  const ask = (id: string, browser = admin) => browser.ask('POST', `/users/${id}/reset-password`);
  const reset = (token: unknown, password = NEXT) =>
    w.ask('POST', '/auth/reset-password', { token: String(token), password });

  it('takes a token that is valid for an hour, once, and ends all access of the user', async () => {
    const bob = await w.user([[tenant, 'analyst']]);
    const browser = await w.signedIn(bob);
    const pair = await w.tokens(bob);
    const { body, status } = await ask(bob.id);
    expect([status, body['token']]).toEqual([201, expect.stringMatching(/^dp_/)]);
    expect(Date.parse(String(body['expires_at'])) - Date.now()).toBeLessThanOrEqual(3_600_000);
    expect((await accept(String(body['token']))).body['code']).toBe('invalid_token');
    const responses = await Promise.all([reset(body['token']), reset(body['token'])]);
    expect(responses.map((response) => response.status).sort()).toEqual([204, 422]);
    expect((await browser.ask('GET', '/auth/profile')).status).toBe(401);
    expect((await w.withToken(pair.access_token)).status).toBe(401);
    expect((await w.browser().login(bob)).status).toBe(401);
    expect((await w.browser().login(bob, { password: NEXT })).status).toBe(200);
  });

  it('is rejected after its hour, and after the password was changed', async () => {
    const bob = await w.user([[tenant, 'analyst']]);
    const late = (await ask(bob.id)).body['token'];
    await w.sql(
      `UPDATE identity.one_time_tokens SET created_at = now() - interval '1 hour', expires_at = now()
        WHERE user_id = $1`,
      [bob.id],
    );
    expect((await reset(late)).body['code']).toBe('invalid_token');
    const overtaken = (await ask(bob.id)).body['token'];
    await (
      await w.signedIn(bob)
    ).ask('POST', '/auth/change-password', { current_password: PASSWORD, new_password: NEXT });
    expect((await reset(overtaken)).body['code']).toBe('invalid_token');
  });

  it('is not possible for a user of another tenant too, an invited user, or a platform admin', async () => {
    const elsewhere = await w.user([
      [tenant, 'analyst'],
      [await w.tenant(), 'read_only'],
    ]);
    const root = await w.user([[tenant, 'analyst']], { isPlatformAdmin: true });
    const lured = await w.user();
    await w.invited(tenant, lured.email, 'analyst');
    for (const { id } of [elsewhere, root, lured])
      expect((await ask(id)).body).toMatchObject({ status: 403, code: 'reset_not_yours' });
    const stranger = await w.user();
    expect((await ask(stranger.id)).body['code']).toBe('user_not_found');
  });

  it('is not possible for a user with more scopes than the caller', async () => {
    const boss = await w.user([[tenant, 'tenant_admin']]);
    const caller = await w.t.caller(['users:write']);
    await w.accepted((await w.invited(caller.tenant, 'boss@example.com', 'tenant_admin')).token);
    const { results } = (
      await w.ask('GET', '/users', undefined, { 'x-api-key': (await w.t.caller(['users:read'])).secret })
    ).body as { results: unknown[] };
    expect(results).toEqual([]);
    const [row] = await w.sql<{ user_id: string }>(
      'SELECT user_id FROM identity.memberships WHERE tenant_id = $1',
      [caller.tenant],
    );
    const response = await w.ask('POST', `/users/${row?.user_id}/reset-password`, undefined, {
      'x-api-key': caller.secret,
    });
    expect(response.body['code']).toBe('role_above_yours');
    expect((await ask(boss.id)).status).toBe(201);
  });

  it('is not possible for a role that its user gets at that moment', async () => {
    const caller = await w.t.caller(['users:write', ...READ_ONLY]);
    const bob = await w.user([[caller.tenant, 'read_only']]);
    const boss = await w.signedIn(await w.user([[caller.tenant, 'tenant_admin']]));
    const users = w.get(UserStore);
    const byId = users.byId.bind(users);
    let promoted: Promise<{ status: number }> | undefined;
    jest.spyOn(users, 'byId').mockImplementationOnce(async (tx, id) => {
      let isDone = false;
      promoted = outside(() => boss.ask('PATCH', `/users/${bob.id}`, { role: 'tenant_admin' })).finally(
        () => (isDone = true),
      );
      await outside(() =>
        until('the promotion is done or waits', async () => isDone || (await w.sql(WAITING)).length > 0),
      );
      return byId(tx, id);
    });
    const requested = await w.ask('POST', `/users/${bob.id}/reset-password`, undefined, {
      'x-api-key': caller.secret,
    });
    expect([requested.status, (await promoted)?.status]).toEqual([201, 200]);
    expect(
      await w.sql('SELECT granted_role FROM identity.one_time_tokens WHERE user_id = $1', [bob.id]),
    ).toEqual([{ granted_role: 'read_only' }]);
    expect((await reset(requested.body['token'])).body['code']).toBe('invalid_token');
  });

  it('is in the audit log, or was not requested', async () => {
    const bob = await w.user([[tenant, 'analyst']]);
    const audit = w.get(AuditTrail);
    const dying = jest.spyOn(audit, 'recordIn').mockRejectedValueOnce(new Error('the process dies'));
    expect((await ask(bob.id)).status).toBe(500);
    dying.mockRestore();
    expect(await w.sql('SELECT 1 FROM identity.one_time_tokens WHERE user_id = $1', [bob.id])).toEqual([]);
    expect((await ask(bob.id)).status).toBe(201);
    const recorded = await w.sql<{ actor_kind: string }>(
      `SELECT actor_kind FROM platform.audit_log WHERE tenant_id = $1 AND entity_id = $2
        AND action = 'user.reset_asked'`,
      [tenant.id, bob.id],
    );
    expect(recorded).toEqual([{ actor_kind: 'user' }]);
  });
});

/** A unit of work of its own, though it starts while another one is open. */
const outside = AsyncResource.bind(<T>(work: () => Promise<T>) => work());
const WAITING = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'
  AND query LIKE '%access_epochs%'`;
