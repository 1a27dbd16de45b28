import { AsyncResource } from 'node:async_hooks';
import { UnitOfWork } from '../../../src/kernel/tx';
import { Users } from '../../../src/modules/identity';
import { PasswordHasher } from '../../../src/modules/identity/accounts/application/ports';
import { MembershipStore } from '../../../src/modules/identity/members/application/ports';
import type { Tenant } from '../../../src/modules/tenancy';
import { until } from '../../support';
import { PASSWORD, PeopleWorld, type Browser, type Person } from './support/identity-world';

const NEXT = 'eleven blue whales whistle';

let w: PeopleWorld;
let tenant: Tenant;
let admin: Browser;
let count = 0;

beforeAll(async () => {
  w = await PeopleWorld.start();
});
afterAll(() => w.close());
beforeEach(async () => {
  tenant = await w.tenant();
  admin = await w.inside(await w.person([[tenant, 'tenant_admin']]));
});

const newEmail = () => `eve-${++count}@example.com`;
const accept = (token: unknown, password = PASSWORD) =>
  w.ask('POST', '/auth/accept-invitation', { token: String(token), password });
const reset = (token: unknown) =>
  w.ask('POST', '/auth/reset-password', { token: String(token), password: NEXT });
const logsIn = async (person: Person, password = PASSWORD) =>
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
    const answer = await real(...given);
    await meanwhile();
    return answer as string;
  });
}

describe('a reset that a tenant asked for and kept', () => {
  async function kept(role: 'analyst' | 'operator' = 'analyst') {
    const bob = await w.person([[tenant, role]]);
    return { bob, token: (await admin.ask('POST', `/users/${bob.id}/reset-password`)).body['token'] };
  }

  it('is gone once its person has accepted an invitation of another tenant', async () => {
    const { bob, token } = await kept();
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
      'may do more than when it was asked for',
      `UPDATE identity.memberships SET role = 'tenant_admin' WHERE user_id = $1`,
    ],
    [
      'administers the installation by now',
      'UPDATE identity.users SET is_platform_admin = true WHERE id = $1',
    ],
    ['was shut out', 'UPDATE identity.users SET is_active = false WHERE id = $1'],
  ])('opens nothing when its person %s', async (_what, since) => {
    const { bob, token } = await kept();
    during('hash', () => w.sql(since, [bob.id]));
    expect((await reset(token)).body['code']).toBe('invalid_token');
    expect(await tokensOf(bob.id, 'password_reset')).toHaveLength(1);
    await w.sql('UPDATE identity.users SET is_active = true WHERE id = $1', [bob.id]);
    expect([await logsIn(bob), await logsIn(bob, NEXT)]).toEqual([true, false]);
  });

  it('lets nobody into a tenant who proved a password that it replaced meanwhile', async () => {
    const [bob, other] = [await w.person([[tenant, 'analyst']]), await w.tenant()];
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

describe('an invitation that is not accepted', () => {
  const resetOf = (id: string) => admin.ask('POST', `/users/${id}/reset-password`);

  it.each(['open', 'over'])(
    'keeps nobody from having the password of their one tenant chosen anew (%s): anybody who knows an address could',
    async (is) => {
      const bob = await w.person([[tenant, 'analyst']]);
      const { userId } = await w.invited(await w.tenant(), bob.email, 'tenant_admin');
      if (is === 'over')
        await w.sql(
          `UPDATE identity.one_time_tokens SET created_at = now() - interval '7 days', expires_at = now()
            WHERE user_id = $1`,
          [userId],
        );
      const asked = await resetOf(bob.id);
      expect(asked.status).toBe(201);
      expect((await reset(asked.body['token'])).status).toBe(204);
      expect(await logsIn(bob, NEXT)).toBe(true);
    },
  );

  it('is not entered with a password that another tenant had chosen: it ends with the reset, and may be made again', async () => {
    const [bob, other] = [await w.person([[tenant, 'analyst']]), await w.tenant()];
    const { token: invitation } = await w.invited(other, bob.email, 'tenant_admin');
    await reset((await resetOf(bob.id)).body['token']);
    expect((await accept(invitation, NEXT)).body['code']).toBe('invalid_token');
    expect(await stateOf(bob.id, other)).toBe('invited');
    const { token: again } = await w.invited(other, bob.email, 'tenant_admin');
    expect((await accept(again, NEXT)).status).toBe(204);
    expect((await resetOf(bob.id)).body['code']).toBe('reset_not_yours');
  });

  it('is not entered when another tenant has the password chosen in the moment after it was proved', async () => {
    const [bob, other] = [await w.person([[tenant, 'analyst']]), await w.tenant()];
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

  it("is entered before, where the tenant was entered first: the reset is nobody's then", async () => {
    const [bob, other] = [await w.person([[tenant, 'analyst']]), await w.tenant()];
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

describe('an account that is made an administrator of the installation', () => {
  const promoted = (email: string) => w.get(Users).create({ email, name: 'Root', isPlatformAdmin: true });

  it('is taken from whoever had it: password, sessions, tokens, invitations and resets end', async () => {
    const email = newEmail();
    const { user_id: id, token: squatted } = await invitedBy(admin, email);
    await accept(squatted);
    const squatter = { id, email };
    const [browser, pair] = [await w.inside(squatter), await w.tokens(squatter)];
    const resetToken = (await admin.ask('POST', `/users/${id}/reset-password`)).body['token'];
    await admin.ask('PATCH', `/users/${id}`, { role: 'tenant_admin' });
    const { token: accomplice } = await invitedBy(await w.inside(squatter), newEmail());
    const elsewhere = await w.inside(await w.person([[await w.tenant(), 'tenant_admin']]));
    const { token: open } = await invitedBy(elsewhere, email);
    const { token } = await promoted(email);
    expect(await logsIn(squatter)).toBe(false);
    expect((await browser.ask('GET', '/auth/profile')).status).toBe(401);
    expect((await w.withToken(pair.access_token)).status).toBe(401);
    expect((await w.ask('POST', '/auth/refresh', { refresh_token: pair.refresh_token })).status).toBe(401);
    expect((await reset(resetToken)).body['code']).toBe('invalid_token');
    expect((await accept(open)).body['code']).toBe('invalid_token');
    expect((await accept(accomplice)).body['code']).toBe('invalid_token');
    expect((await accept(token, NEXT)).status).toBe(204);
    const root = w.browser();
    expect((await root.login(squatter, { password: NEXT })).body).toMatchObject({
      id,
      name: 'Root',
      is_platform_admin: true,
    });
  });

  it('gets its first password by the token of the installation, not by one that a tenant made since', async () => {
    const email = newEmail();
    const { userId, token } = await promoted(email);
    const { token: lure } = await invitedBy(admin, email);
    expect((await accept(lure, NEXT)).body['code']).toBe('invalid_token');
    expect(await stateOf(userId, tenant)).toBe('invited');
    expect((await accept(token)).status).toBe(204);
    expect((await accept(lure)).status).toBe(204);
    expect(await stateOf(userId, tenant)).toBe('active');
  });

  it("is nobody's who was choosing its password at that moment", async () => {
    const email = newEmail();
    const { user_id: id, token: squatted } = await invitedBy(admin, email);
    during('hash', () => promoted(email));
    expect((await accept(squatted, NEXT)).body['code']).toBe('invalid_token');
    expect(await logsIn({ id, email }, NEXT)).toBe(false);
  });
});

describe('an invitation whose acceptance fails', () => {
  it('is not used up where another one chose the password at the same moment', async () => {
    const [email, other] = [newEmail(), await w.tenant()];
    const there = await w.inside(await w.person([[other, 'tenant_admin']]));
    const { user_id: id, token } = await invitedBy(admin, email);
    const { token: second } = await invitedBy(there, email);
    during('hash', () => accept(second, NEXT));
    expect((await accept(token)).body['code']).toBe('invalid_token');
    expect([await stateOf(id, tenant), await stateOf(id, other)]).toEqual(['invited', 'active']);
    expect((await accept(token, NEXT)).status).toBe(204);
    expect(await stateOf(id, tenant)).toBe('active');
  });

  it('is not used up, and chooses no password, where the membership is shut', async () => {
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

  it('lets one of any number in who come at once with the right password', async () => {
    const ann = await w.person();
    const { token } = await invitedBy(admin, ann.email);
    const answers = await Promise.all(Array.from({ length: 4 }, () => accept(token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 422, 422, 422]);
    const told = await w.sql(
      `SELECT 1 FROM platform.audit_log WHERE tenant_id = $1 AND entity_id = $2
        AND action = 'user.invitation_accepted'`,
      [tenant.id, ann.id],
    );
    expect(told).toHaveLength(1);
  });
});

describe('an invitation that an inviter kept', () => {
  it('is for the role that was asked for: a greater one that somebody else gave meanwhile is not entered by it', async () => {
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
