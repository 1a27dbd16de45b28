import { AsyncResource } from 'node:async_hooks';
import { UserStore } from '../../../src/modules/identity/accounts/application/ports';
import { UpdateAccountFlags } from '../../../src/modules/identity/accounts/application/update-account-flags';
import type { Tenant } from '../../../src/modules/tenancy';
import { AuditTrail } from '../../../src/platform/audit';
import { Authenticator } from '../../../src/platform/access';
import { systemActor } from '../../../src/kernel/actor';
import { until } from '../../support';
import { PASSWORD, PeopleWorld, type Browser } from './support/identity-world';

let w: PeopleWorld;
let tenant: Tenant;
let admin: Browser;

beforeAll(async () => {
  w = await PeopleWorld.start();
});
afterAll(() => w.close());
beforeEach(async () => {
  tenant = await w.tenant();
  admin = await w.inside(await w.person([[tenant, 'tenant_admin']]));
});

const accept = (token: string, password = PASSWORD) =>
  w.ask('POST', '/auth/accept-invitation', { token, password });
const invite = async (browser: Browser, given: object) =>
  browser.ask('POST', '/users', { name: 'Bob', role: 'analyst', ...given });
const tokenOf = async (email: string) => (await invite(admin, { email })).body['token'] as string;
const READ_ONLY = [
  'users:read',
  'settlements:read',
  'payouts:read',
  'payout_jobs:read',
  'transfers:read',
  'recipients:read',
  'tenant:read',
];
let count = 0;
const newEmail = () => `bob-${++count}@example.com`;

describe('a person', () => {
  it('has no key of their own to ask about', async () => {
    expect(await admin.ask('GET', '/api/v1/api-keys/self')).toMatchObject({
      status: 403,
      body: { code: 'api_key_required' },
    });
  });

  it('is known to be let in since they were invited', async () => {
    const bob = await w.person([[tenant, 'operator']]);
    const { access_token: accessToken } = await w.tokens(bob);
    const principal = await w.get(Authenticator).authenticate({ accessToken });
    const [invited] = await w.sql<{ created_at: Date }>(
      'SELECT created_at FROM identity.memberships WHERE user_id = $1',
      [bob.id],
    );
    expect(principal?.since).toEqual(invited?.created_at);
  });
});

describe('an invitation', () => {
  it('lets a person in who chooses a password, once', async () => {
    const email = newEmail();
    const answer = await invite(admin, { email });
    expect([answer.status, answer.body]).toEqual([
      201,
      {
        user_id: expect.any(String),
        token: expect.stringMatching(/^di_[\w-]{43}$/),
        expires_at: expect.any(String),
      },
    ]);
    const token = answer.body['token'] as string;
    const id = answer.body['user_id'] as string;
    expect((await admin.ask('GET', `/users/${id}`)).body).toMatchObject({
      id,
      email,
      name: 'Bob',
      role: 'analyst',
      status: 'invited',
    });
    expect((await w.browser().login({ id, email })).status).toBe(401);
    expect((await accept(token, 'short')).body['code']).toBe('weak_password');
    expect((await accept(token)).status).toBe(204);
    expect((await accept(token)).body['code']).toBe('invalid_token');
    const bob = await w.inside({ id, email });
    expect((await bob.ask('GET', '/tenant/settings')).status).toBe(200);
    expect((await bob.ask('GET', '/users')).body['code']).toBe('insufficient_scope');
    const actions = await w.sql<{ action: string }>(
      'SELECT action FROM platform.audit_log WHERE tenant_id = $1 AND entity_id = $2 ORDER BY id',
      [tenant.id, id],
    );
    expect(actions.map(({ action }) => action)).toEqual(['user.invited', 'user.invitation_accepted']);
  });

  it('taken twice at once is taken once', async () => {
    const token = await tokenOf(newEmail());
    const answers = await Promise.all(Array.from({ length: 5 }, (_, i) => accept(token, `${PASSWORD} ${i}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 422, 422, 422, 422]);
  });

  it('made twice at once makes one person and one member, and the last token counts', async () => {
    const email = newEmail();
    const answers = await Promise.all([invite(admin, { email }), invite(admin, { email })]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(new Set(answers.map(({ body }) => body['user_id'])).size).toBe(1);
    const accepted = [];
    for (const { body } of answers) accepted.push((await accept(body['token'] as string)).status);
    expect(accepted.sort()).toEqual([204, 422]);
  });

  it('is over after a week, when the membership is gone, and when a newer one took its place', async () => {
    const email = newEmail();
    const first = await tokenOf(email);
    const { user_id: id, token: second } = (await invite(admin, { email })).body;
    expect((await accept(first)).body['code']).toBe('invalid_token');
    await w.sql(
      `UPDATE identity.one_time_tokens SET created_at = now() - interval '7 days', expires_at = now()
        WHERE user_id = $1`,
      [id],
    );
    expect((await accept(second as string)).body['code']).toBe('invalid_token');
    const third = await tokenOf(email);
    expect((await admin.ask('DELETE', `/users/${String(id)}`)).status).toBe(204);
    expect((await accept(third)).body['code']).toBe('invalid_token');
  });

  it("of a person with an account is accepted with that account's password, which it does not change", async () => {
    const ann = await w.person([[await w.tenant(), 'read_only']]);
    const token = await tokenOf(ann.email);
    expect((await accept(token, 'a password the admin made up')).body['code']).toBe('invalid_token');
    expect((await w.browser().login(ann)).status).toBe(200);
    expect((await accept(token)).status).toBe(204);
    const there = await w.inside(ann);
    expect((await there.ask('GET', '/tenant/settings', undefined, { 'x-tenant-id': tenant.id })).status).toBe(
      200,
    );
  });

  it('is answered the same for a person the installation knows, by an id that tells no time', async () => {
    const ann = await w.person([[await w.tenant(), 'read_only']], { email: newEmail() });
    const [known, unknown] = [
      await invite(admin, { email: ann.email }),
      await invite(admin, { email: newEmail() }),
    ];
    expect([known.status, Object.keys(known.body)]).toEqual([unknown.status, Object.keys(unknown.body)]);
    for (const { body } of [known, unknown]) expect(String(body['user_id'])[14]).toBe('4');
    expect((await admin.ask('GET', `/users/${ann.id}`)).body).toMatchObject({
      name: 'Bob',
      status: 'invited',
    });
  });

  it('reaches one person, however the address is written', async () => {
    const id = async (email: string) => (await invite(admin, { email })).body['user_id'];
    const first = await id('Zoë.Straße@Example.com');
    for (const same of [
      'zoë.strasse@example.com',
      'ZOË.STRASSE@EXAMPLE.COM',
      'Zoë.Straße@example.com',
      ' zoë.straße@example.com ',
    ])
      expect([same, await id(same)]).toEqual([same, first]);
    expect(await id('zoe.strasse@example.com')).not.toBe(first);
  });

  it.each([
    'x',
    'a@b',
    '@b.example',
    `${'\ufdfa'.repeat(64)}@b.example`,
    `a@${'\ufdfa'.repeat(200)}.example`,
    `${'\ufb03'.repeat(64)}@b.example`,
    'a\uff20b@c.example',
    'a\u00a8@c.example',
    'a@@b.example',
    'a b@c.example',
    'a\u200b@c.example',
    'a\u202e@c.example',
    `${'a'.repeat(250)}@c.example`,
  ])('is not made for %j', async (email) => {
    expect((await invite(admin, { email })).status).toBe(422);
  });

  it('is refused for a member, an unknown role and more than the inviter may do', async () => {
    const operator = await w.person([[tenant, 'operator']]);
    expect((await invite(admin, { email: operator.email })).body['code']).toBe('already_member');
    expect((await invite(admin, { email: newEmail(), role: 'owner' })).status).toBe(422);
    const caller = await w.t.caller(['users:write', ...READ_ONLY]);
    const byKey = (role: string) =>
      w.ask('POST', '/users', { email: newEmail(), name: 'Eve', role }, { 'x-api-key': caller.secret });
    expect((await byKey('tenant_admin')).body['code']).toBe('role_above_yours');
    expect((await byKey('operator')).body['code']).toBe('role_above_yours');
    expect((await byKey('read_only')).status).toBe(201);
  });
});

describe('a password', () => {
  it.each(['short', 'password', 'PASSWORD1', 'aaaaaaaaaaaa', 'abababababab', 'a'.repeat(129)])(
    'is not %j',
    async (password) => {
      expect((await accept(await tokenOf(newEmail()), password)).body['code']).toBe('weak_password');
    },
  );

  it('may be long, of any letters, and is the same however its accents were typed', async () => {
    const email = newEmail();
    const letters = 'żółć ünïcødé 🐘 pass phrase '.repeat(4).trim();
    expect((await accept(await tokenOf(email), letters.normalize('NFD'))).status).toBe(204);
    expect((await w.browser().login({ id: '', email }, { password: letters.normalize('NFC') })).status).toBe(
      200,
    );
  });

  it('is not the address of its person', async () => {
    const email = 'a.rather.long.name@example.com';
    const token = await tokenOf(email);
    for (const password of [email, 'A.rather.long.NAME'])
      expect((await accept(token, password)).body['code']).toBe('weak_password');
  });

  it('is kept by argon2id with 19 MiB, and made anew at a login where it was made with less', async () => {
    const ann = await w.person();
    const kept = async () =>
      (
        await w.sql<{ hash: string }>('SELECT password_hash AS hash FROM identity.users WHERE id = $1', [
          ann.id,
        ])
      )[0]?.hash as string;
    expect(await kept()).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const { hash } = await import('@node-rs/argon2');
    await w.sql('UPDATE identity.users SET password_hash = $2 WHERE id = $1', [
      ann.id,
      await hash(PASSWORD, { memoryCost: 8_192, timeCost: 1, parallelism: 1 }),
    ]);
    expect((await w.browser().login(ann, { password: 'not this one' })).status).toBe(401);
    expect(await kept()).toContain('m=8192,t=1');
    expect((await w.browser().login(ann)).status).toBe(200);
    expect(await kept()).toContain('m=19456,t=2');
    expect((await w.browser().login(ann)).status).toBe(200);
  });
});

describe('resetting a password', () => {
  const NEXT = 'eleven blue whales whistle';
  const ask = (id: string, browser = admin) => browser.ask('POST', `/users/${id}/reset-password`);
  const reset = (token: unknown, password = NEXT) =>
    w.ask('POST', '/auth/reset-password', { token: String(token), password });

  it('takes a token of an hour, once, and ends everything the person had', async () => {
    const bob = await w.person([[tenant, 'analyst']]);
    const browser = await w.inside(bob);
    const pair = await w.tokens(bob);
    const { body, status } = await ask(bob.id);
    expect([status, body['token']]).toEqual([201, expect.stringMatching(/^dp_/)]);
    expect(Date.parse(String(body['expires_at'])) - Date.now()).toBeLessThanOrEqual(3_600_000);
    expect((await accept(String(body['token']))).body['code']).toBe('invalid_token');
    const answers = await Promise.all([reset(body['token']), reset(body['token'])]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([204, 422]);
    expect((await browser.ask('GET', '/auth/profile')).status).toBe(401);
    expect((await w.withToken(pair.access_token)).status).toBe(401);
    expect((await w.browser().login(bob)).status).toBe(401);
    expect((await w.browser().login(bob, { password: NEXT })).status).toBe(200);
  });

  it('is over after its hour, and after the password was changed', async () => {
    const bob = await w.person([[tenant, 'analyst']]);
    const late = (await ask(bob.id)).body['token'];
    await w.sql(
      `UPDATE identity.one_time_tokens SET created_at = now() - interval '1 hour', expires_at = now()
        WHERE user_id = $1`,
      [bob.id],
    );
    expect((await reset(late)).body['code']).toBe('invalid_token');
    const overtaken = (await ask(bob.id)).body['token'];
    await (
      await w.inside(bob)
    ).ask('POST', '/auth/change-password', { current_password: PASSWORD, new_password: NEXT });
    expect((await reset(overtaken)).body['code']).toBe('invalid_token');
  });

  it('is not for a person of another tenant too, one who has not accepted, or one who runs the installation', async () => {
    const elsewhere = await w.person([
      [tenant, 'analyst'],
      [await w.tenant(), 'read_only'],
    ]);
    const root = await w.person([[tenant, 'analyst']], { isPlatformAdmin: true });
    const lured = await w.person();
    await w.invited(tenant, lured.email, 'analyst');
    for (const { id } of [elsewhere, root, lured])
      expect((await ask(id)).body).toMatchObject({ status: 403, code: 'reset_not_yours' });
    const stranger = await w.person();
    expect((await ask(stranger.id)).body['code']).toBe('user_not_found');
  });

  it('is not for somebody who may do more', async () => {
    const boss = await w.person([[tenant, 'tenant_admin']]);
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
    const answer = await w.ask('POST', `/users/${row?.user_id}/reset-password`, undefined, {
      'x-api-key': caller.secret,
    });
    expect(answer.body['code']).toBe('role_above_yours');
    expect((await ask(boss.id)).status).toBe(201);
  });

  it('is never asked for the greater role that its person gets at that moment', async () => {
    const caller = await w.t.caller(['users:write', ...READ_ONLY]);
    const bob = await w.person([[caller.tenant, 'read_only']]);
    const boss = await w.inside(await w.person([[caller.tenant, 'tenant_admin']]));
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
    const asked = await w.ask('POST', `/users/${bob.id}/reset-password`, undefined, {
      'x-api-key': caller.secret,
    });
    expect([asked.status, (await promoted)?.status]).toEqual([201, 200]);
    expect(
      await w.sql('SELECT granted_role FROM identity.one_time_tokens WHERE user_id = $1', [bob.id]),
    ).toEqual([{ granted_role: 'read_only' }]);
    expect((await reset(asked.body['token'])).body['code']).toBe('invalid_token');
  });

  it('is in the trail, or was not asked for', async () => {
    const bob = await w.person([[tenant, 'analyst']]);
    const audit = w.get(AuditTrail);
    const dying = jest.spyOn(audit, 'recordIn').mockRejectedValueOnce(new Error('the process dies'));
    expect((await ask(bob.id)).status).toBe(500);
    dying.mockRestore();
    expect(await w.sql('SELECT 1 FROM identity.one_time_tokens WHERE user_id = $1', [bob.id])).toEqual([]);
    expect((await ask(bob.id)).status).toBe(201);
    const told = await w.sql<{ actor_kind: string }>(
      `SELECT actor_kind FROM platform.audit_log WHERE tenant_id = $1 AND entity_id = $2
        AND action = 'user.reset_asked'`,
      [tenant.id, bob.id],
    );
    expect(told).toEqual([{ actor_kind: 'user' }]);
  });
});

describe('a membership', () => {
  it('that is changed, disabled or removed counts at once, and only in its tenant', async () => {
    const other = await w.tenant();
    const bob = await w.person([
      [tenant, 'tenant_admin'],
      [other, 'analyst'],
    ]);
    const browser = await w.inside(bob);
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

  it("that stays as it is leaves no record, and ends nobody's access", async () => {
    const bob = await w.person([[tenant, 'analyst']]);
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
      const bob = await w.person([[tenant, 'operator']]);
      const answer = await admin.ask('PATCH', `/users/${bob.id}`, change);
      expect(answer.body).toMatchObject({ status: 422, code: 'validation_failed' });
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
    const second = await w.person([[tenant, 'tenant_admin']]);
    const other = await w.inside(second);
    const answers = await Promise.all([
      admin.ask('DELETE', `/users/${String(id)}`),
      other.ask('DELETE', `/users/${second.id}`),
    ]);
    const left = await w.sql(
      `SELECT 1 FROM identity.memberships WHERE tenant_id = $1 AND role = 'tenant_admin'
        AND state = 'active'`,
      [tenant.id],
    );
    expect([answers.filter(({ status }) => status === 204).length, left.length]).toEqual([1, 1]);
  });

  it('is not turned on by anybody but the person who was invited', async () => {
    const { user_id: id } = (await invite(admin, { email: newEmail() })).body;
    expect((await admin.ask('PATCH', `/users/${String(id)}`, { is_active: true })).body).toMatchObject({
      status: 409,
      code: 'invalid_transition',
      from: 'invited',
    });
  });

  it('is listed in pages, newest first, to its tenant only', async () => {
    const stranger = await w.person([[await w.tenant(), 'tenant_admin']]);
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

describe('an administrator of the installation', () => {
  it('looks into every tenant and lets people in, and has no authority over money', async () => {
    const root = await w.inside(await w.person([], { isPlatformAdmin: true }));
    const there = { 'x-tenant-id': tenant.id };
    expect((await root.ask('GET', '/users')).body['code']).toBe('tenant_required');
    expect((await root.ask('GET', '/users', undefined, there)).status).toBe(200);
    expect(
      (await root.ask('POST', '/users', { email: newEmail(), name: 'First', role: 'tenant_admin' }, there))
        .status,
    ).toBe(201);
    const money = await root.ask(
      'POST',
      '/probe',
      { amount: '1.00', currency: 'USD' },
      { ...there, 'idempotency-key': 'no-authority' },
    );
    expect(money.body['code']).toBe('insufficient_scope');
    expect(
      (await root.ask('GET', '/users', undefined, { 'x-tenant-id': '0198b0f2-7c1e-7b3a-9d55-000000000000' }))
        .body['code'],
    ).toBe('tenant_not_found');
  });

  it('who is shut out is out at once', async () => {
    const root = await w.person([], { isPlatformAdmin: true });
    const browser = await w.inside(root);
    const look = () => browser.ask('GET', '/users', undefined, { 'x-tenant-id': tenant.id });
    expect((await look()).status).toBe(200);
    await w.get(UpdateAccountFlags).execute(root.id, { isActive: false }, systemActor('test'));
    expect((await look()).status).toBe(401);
  });
});

describe('people in the database', () => {
  it('are hidden from the login of tenants', async () => {
    for (const table of ['users', 'sessions', 'refresh_families', 'refresh_tokens', 'one_time_tokens']) {
      await expect(w.t.db.app.query(`SELECT * FROM identity.${table}`)).rejects.toMatchObject({
        code: '42501',
      });
    }
  });
});

/** A unit of work of its own, though it starts while another one is open. */
const outside = AsyncResource.bind(<T>(work: () => Promise<T>) => work());
const WAITING = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'
  AND query LIKE '%access_epochs%'`;
