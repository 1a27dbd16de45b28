import { AsyncResource } from 'node:async_hooks';
import { UnitOfWork } from '../../../src/kernel/tx';
import { Users } from '../../../src/modules/identity';
import { PasswordHasher } from '../../../src/modules/identity/accounts/application/ports';
import { MembershipStore } from '../../../src/modules/identity/members/application/ports';
import type { Tenant } from '../../../src/modules/tenancy';
import { until } from '../../support';
import { PASSWORD, IdentityWorld, type Browser, type TestUser } from './support/identity-world';

const NEXT = 'eleven blue whales whistle';

let w: IdentityWorld;
let tenant: Tenant;
let admin: Browser;
let count = 0;

beforeAll(async () => {
  w = await IdentityWorld.start();
});
afterAll(() => w.close());
beforeEach(async () => {
  tenant = await w.tenant();
  admin = await w.signedIn(await w.user([[tenant, 'tenant_admin']]));
});

const newEmail = () => `eve-${++count}@example.com`;
const accept = (token: unknown, password = PASSWORD) =>
  w.ask('POST', '/auth/accept-invitation', { token: String(token), password });
const reset = (token: unknown) =>
  w.ask('POST', '/auth/reset-password', { token: String(token), password: NEXT });
const logsIn = async (person: TestUser, password = PASSWORD) =>
  (await w.browser().login(person, { password })).status === 200;
const invitedBy = async (browser: Browser, email: string, role = 'analyst') =>
  (await browser.ask('POST', '/users', { email, name: 'Eve', role })).body as {
    user_id: string;
    token: string;
  };
const tokensOf = (id: string, purpose: string) =>
  w.sql(`SELECT 1 FROM identity.one_time_tokens WHERE user_id = $1 AND purpose = $2`, [id, purpose]);
const stateOf = async (id: string, of: Tenant) =>
  (
    await w.sql<{ state: string }>(
      'SELECT state FROM identity.memberships WHERE user_id = $1 AND tenant_id = $2',
      [id, of.id],
    )
  )[0]?.state;

/** Does `meanwhile` in the middle of the next call that hashes or verifies a password. */
function during(step: 'hash' | 'verify', meanwhile: () => Promise<unknown>): void {
  const hasher = w.get(PasswordHasher);
  const real = hasher[step].bind(hasher) as (...given: unknown[]) => Promise<unknown>;
  jest.spyOn(hasher, step as 'hash').mockImplementationOnce(async (...given: unknown[]) => {
    const response = await real(...given);
    await meanwhile();
    return response as string;
  });
}

describe('a reset token that a tenant requested and did not use', () => {
  async function unusedReset(role: 'analyst' | 'operator' = 'analyst') {
    const bob = await w.user([[tenant, role]]);
    return { bob, token: (await admin.ask('POST', `/users/${bob.id}/reset-password`)).body['token'] };
  }

  it('is deleted when its user accepts an invitation of another tenant', async () => {
    const { bob, token } = await unusedReset();
    const { token: invitation } = await w.invited(await w.tenant(), bob.email, 'tenant_admin');
    expect(await tokensOf(bob.id, 'password_reset')).toHaveLength(1);
    await w.accepted(invitation);
    expect(await tokensOf(bob.id, 'password_reset')).toEqual([]);
    expect((await reset(token)).body['code']).toBe('invalid_token');
    expect(await logsIn(bob)).toBe(true);
  });

  it.each<[string, string]>([
    [
      'has another tenant by now',
      `INSERT INTO identity.memberships (tenant_id, user_id, role, state, email, name)
        VALUES (gen_random_uuid(), $1, 'analyst', 'active', 'eve@example.com', 'Eve')`,
    ],
    [
      'belongs to another tenant instead',
      'UPDATE identity.memberships SET tenant_id = gen_random_uuid() WHERE user_id = $1',
    ],
    ['belongs to no tenant any more', 'DELETE FROM identity.memberships WHERE user_id = $1'],
    [
      'has more scopes than when it was requested',
      `UPDATE identity.memberships SET role = 'tenant_admin' WHERE user_id = $1`,
    ],
    ['is a platform admin by now', 'UPDATE identity.users SET is_platform_admin = true WHERE id = $1'],
    ['was disabled', 'UPDATE identity.users SET is_active = false WHERE id = $1'],
  ])('is rejected when its user %s', async (_what, since) => {
    const { bob, token } = await unusedReset();
    during('hash', () => w.sql(since, [bob.id]));
    expect((await reset(token)).body['code']).toBe('invalid_token');
    expect(await tokensOf(bob.id, 'password_reset')).toHaveLength(1);
    await w.sql('UPDATE identity.users SET is_active = true WHERE id = $1', [bob.id]);
    expect([await logsIn(bob), await logsIn(bob, NEXT)]).toEqual([true, false]);
  });

  it('makes no invitation acceptable with a password that it replaced meanwhile', async () => {
    const [bob, other] = [await w.user([[tenant, 'analyst']]), await w.tenant()];
    const { token: invitation } = await w.invited(other, bob.email, 'tenant_admin');
    during('verify', () =>
      w.sql(`UPDATE identity.users SET password_hash = '$argon2id$changed' WHERE id = $1`, [bob.id]),
    );
    expect((await accept(invitation)).body['code']).toBe('invalid_token');
    expect([await stateOf(bob.id, other), (await tokensOf(bob.id, 'invitation')).length]).toEqual([
      'invited',
      1,
    ]);
  });
});

describe('an open invitation', () => {
  const resetOf = (id: string) => admin.ask('POST', `/users/${id}/reset-password`);

  it.each(['open', 'over'])("does not block a password reset by the user's only tenant (%s)", async (is) => {
    const bob = await w.user([[tenant, 'analyst']]);
    const { userId } = await w.invited(await w.tenant(), bob.email, 'tenant_admin');
    if (is === 'over')
      await w.sql(
        `UPDATE identity.one_time_tokens SET created_at = now() - interval '7 days', expires_at = now()
            WHERE user_id = $1`,
        [userId],
      );
    const requested = await resetOf(bob.id);
    expect(requested.status).toBe(201);
    expect((await reset(requested.body['token'])).status).toBe(204);
    expect(await logsIn(bob, NEXT)).toBe(true);
  });

  it('is deleted by a password reset of another tenant, and may be sent again', async () => {
    const [bob, other] = [await w.user([[tenant, 'analyst']]), await w.tenant()];
    const { token: invitation } = await w.invited(other, bob.email, 'tenant_admin');
    await reset((await resetOf(bob.id)).body['token']);
    expect((await accept(invitation, NEXT)).body['code']).toBe('invalid_token');
    expect(await stateOf(bob.id, other)).toBe('invited');
    const { token: again } = await w.invited(other, bob.email, 'tenant_admin');
    expect((await accept(again, NEXT)).status).toBe(204);
    expect((await resetOf(bob.id)).body['code']).toBe('reset_not_yours');
  });

  it('is rejected when another tenant resets the password right after it was checked', async () => {
    const [bob, other] = [await w.user([[tenant, 'analyst']]), await w.tenant()];
    const { token: invitation } = await w.invited(other, bob.email, 'tenant_admin');
    const uow = w.get(UnitOfWork);
    const run = uow.run.bind(uow) as (...given: unknown[]) => Promise<never>;
    jest.spyOn(uow, 'run').mockImplementationOnce(async (...given: unknown[]) => {
      await reset((await resetOf(bob.id)).body['token']);
      return run(...given);
    });
    const accepted = await accept(invitation);
    expect([accepted.body['code'], await stateOf(bob.id, other), await logsIn(bob, NEXT)]).toEqual([
      'invalid_token',
      'invited',
      true,
    ]);
  });

  it('is accepted when its transaction comes first: the reset is rejected then', async () => {
    const [bob, other] = [await w.user([[tenant, 'analyst']]), await w.tenant()];
    const { token: invitation } = await w.invited(other, bob.email, 'tenant_admin');
    const memberships = w.get(MembershipStore);
    const enter = memberships.accept.bind(memberships);
    let chosen: Promise<{ body: Record<string, unknown> }> | undefined;
    jest.spyOn(memberships, 'accept').mockImplementationOnce(async (...of) => {
      const { token } = (await outside(() => resetOf(bob.id))).body;
      chosen = outside(() => reset(token));
      await outside(() => until('the reset waits', async () => (await w.sql(WAITING)).length > 0));
      return enter(...of);
    });
    expect((await accept(invitation)).status).toBe(204);
    expect((await chosen)?.body['code']).toBe('invalid_token');
    expect([await stateOf(bob.id, other), await logsIn(bob), await logsIn(bob, NEXT)]).toEqual([
      'active',
      true,
      false,
    ]);
  });
});

describe('an account that becomes a platform admin', () => {
  const promoted = (email: string) => w.get(Users).create({ email, name: 'Root', isPlatformAdmin: true });

  it('loses its password, sessions, tokens, invitations and resets', async () => {
    const email = newEmail();
    const { user_id: id, token: squatted } = await invitedBy(admin, email);
    await accept(squatted);
    const formerOwner = { id, email };
    const [browser, pair] = [await w.signedIn(formerOwner), await w.tokens(formerOwner)];
    const resetToken = (await admin.ask('POST', `/users/${id}/reset-password`)).body['token'];
    await admin.ask('PATCH', `/users/${id}`, { role: 'tenant_admin' });
    const { token: invitedByOwner } = await invitedBy(await w.signedIn(formerOwner), newEmail());
    const elsewhere = await w.signedIn(await w.user([[await w.tenant(), 'tenant_admin']]));
    const { token: open } = await invitedBy(elsewhere, email);
    const { token } = await promoted(email);
    expect(await logsIn(formerOwner)).toBe(false);
    expect((await browser.ask('GET', '/auth/profile')).status).toBe(401);
    expect((await w.withToken(pair.access_token)).status).toBe(401);
    expect((await w.ask('POST', '/auth/refresh', { refresh_token: pair.refresh_token })).status).toBe(401);
    expect((await reset(resetToken)).body['code']).toBe('invalid_token');
    expect((await accept(open)).body['code']).toBe('invalid_token');
    expect((await accept(invitedByOwner)).body['code']).toBe('invalid_token');
    expect((await accept(token, NEXT)).status).toBe(204);
    const root = w.browser();
    expect((await root.login(formerOwner, { password: NEXT })).body).toMatchObject({
      id,
      name: 'Root',
      is_platform_admin: true,
    });
  });

  it('gets its first password by the token of the command line, not by a later invitation of a tenant', async () => {
    const email = newEmail();
    const { userId, token } = await promoted(email);
    const { token: invitation } = await invitedBy(admin, email);
    expect((await accept(invitation, NEXT)).body['code']).toBe('invalid_token');
    expect(await stateOf(userId, tenant)).toBe('invited');
    expect((await accept(token)).status).toBe(204);
    expect((await accept(invitation)).status).toBe(204);
    expect(await stateOf(userId, tenant)).toBe('active');
  });

  it('does not keep a password that was just being chosen', async () => {
    const email = newEmail();
    const { user_id: id, token: squatted } = await invitedBy(admin, email);
    during('hash', () => promoted(email));
    expect((await accept(squatted, NEXT)).body['code']).toBe('invalid_token');
    expect(await logsIn({ id, email }, NEXT)).toBe(false);
  });
});

describe('an invitation whose acceptance fails', () => {
  it('is not used up when another user chose the password at the same moment', async () => {
    const [email, other] = [newEmail(), await w.tenant()];
    const there = await w.signedIn(await w.user([[other, 'tenant_admin']]));
    const { user_id: id, token } = await invitedBy(admin, email);
    const { token: second } = await invitedBy(there, email);
    during('hash', () => accept(second, NEXT));
    expect((await accept(token)).body['code']).toBe('invalid_token');
    expect([await stateOf(id, tenant), await stateOf(id, other)]).toEqual(['invited', 'active']);
    expect((await accept(token, NEXT)).status).toBe(204);
    expect(await stateOf(id, tenant)).toBe('active');
  });

  it('is not used up, and sets no password, when the membership is disabled', async () => {
    const email = newEmail();
    const { user_id: id, token } = await invitedBy(admin, email);
    await w.sql(`UPDATE identity.memberships SET state = 'disabled' WHERE user_id = $1`, [id]);
    expect((await accept(token)).body['code']).toBe('invalid_token');
    expect(await tokensOf(id, 'invitation')).toHaveLength(1);
    expect(await logsIn({ id, email })).toBe(false);
  });

  it('is accepted by repeating it after a crash at any step', async () => {
    const email = newEmail();
    const { user_id: id, token } = await invitedBy(admin, email);
    jest.spyOn(w.get(MembershipStore), 'accept').mockRejectedValueOnce(new Error('the process dies'));
    expect((await accept(token)).status).toBe(500);
    expect((await accept(token)).status).toBe(204);
    expect(await stateOf(id, tenant)).toBe('active');
  });

  it('is accepted by exactly one of concurrent requests with the right password', async () => {
    const ann = await w.user();
    const { token } = await invitedBy(admin, ann.email);
    const responses = await Promise.all(Array.from({ length: 4 }, () => accept(token)));
    expect(responses.map(({ status }) => status).sort()).toEqual([204, 422, 422, 422]);
    const recorded = await w.sql(
      `SELECT 1 FROM platform.audit_log WHERE tenant_id = $1 AND entity_id = $2
        AND action = 'user.invitation_accepted'`,
      [tenant.id, ann.id],
    );
    expect(recorded).toHaveLength(1);
  });
});

describe('an invitation that its inviter used', () => {
  it('is valid for the invited role only: a higher role that was given meanwhile is not accepted with it', async () => {
    const email = newEmail();
    const { user_id: id, token } = await invitedBy(admin, email, 'read_only');
    expect((await admin.ask('PATCH', `/users/${id}`, { role: 'tenant_admin' })).status).toBe(200);
    expect((await accept(token)).body['code']).toBe('invalid_token');
    expect(
      await w.sql('SELECT 1 FROM identity.users WHERE id = $1 AND password_hash IS NOT NULL', [id]),
    ).toEqual([]);
    expect(await stateOf(id, tenant)).toBe('invited');
    const { token: again } = await invitedBy(admin, email, 'tenant_admin');
    expect((await accept(again)).status).toBe(204);
    expect(await stateOf(id, tenant)).toBe('active');
  });
});

/** A unit of work of its own, though it starts while another one is open. */
const outside = AsyncResource.bind(<T>(work: () => Promise<T>) => work());
const WAITING = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'
  AND query LIKE '%identity.users%FOR NO KEY UPDATE%'`;
