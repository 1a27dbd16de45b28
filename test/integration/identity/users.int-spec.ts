import { UpdateAccountFlags } from '../../../src/modules/identity/accounts/application/update-account-flags';
import type { Tenant } from '../../../src/modules/tenancy';
import { Authenticator } from '../../../src/platform/access';
import { systemActor } from '../../../src/kernel/actor';
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

describe('a user', () => {
  it('has no API key of their own to read', async () => {
    expect(await admin.ask('GET', '/api/v1/api-keys/self')).toMatchObject({
      status: 403,
      body: { code: 'api_key_required' },
    });
  });

  it('has access since the time of the invitation', async () => {
    const bob = await w.user([[tenant, 'operator']]);
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
  it('activates the membership of a user who chooses a password, once', async () => {
    const email = newEmail();
    const response = await invite(admin, { email });
    expect([response.status, response.body]).toEqual([
      201,
      {
        user_id: expect.any(String),
        token: expect.stringMatching(/^di_[\w-]{43}$/),
        expires_at: expect.any(String),
      },
    ]);
    const token = response.body['token'] as string;
    const id = response.body['user_id'] as string;
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
    const bob = await w.signedIn({ id, email });
    expect((await bob.ask('GET', '/tenant/settings')).status).toBe(200);
    expect((await bob.ask('GET', '/users')).body['code']).toBe('insufficient_scope');
    const actions = await w.sql<{ action: string }>(
      'SELECT action FROM platform.audit_log WHERE tenant_id = $1 AND entity_id = $2 ORDER BY id',
      [tenant.id, id],
    );
    expect(actions.map(({ action }) => action)).toEqual(['user.invited', 'user.invitation_accepted']);
  });

  it('that is accepted twice at once is accepted once', async () => {
    const token = await tokenOf(newEmail());
    const responses = await Promise.all(
      Array.from({ length: 5 }, (_, i) => accept(token, `${PASSWORD} ${i}`)),
    );
    expect(responses.map(({ status }) => status).sort()).toEqual([204, 422, 422, 422, 422]);
  });

  it('that is sent twice at once creates one user and one member, and the last token counts', async () => {
    const email = newEmail();
    const responses = await Promise.all([invite(admin, { email }), invite(admin, { email })]);
    expect(responses.map(({ status }) => status)).toEqual([201, 201]);
    expect(new Set(responses.map(({ body }) => body['user_id'])).size).toBe(1);
    const accepted = [];
    for (const { body } of responses) accepted.push((await accept(body['token'] as string)).status);
    expect(accepted.sort()).toEqual([204, 422]);
  });

  it('is rejected after a week, without its membership, and after a newer one', async () => {
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

  it("of a user with an account is accepted with the account's password, which stays", async () => {
    const ann = await w.user([[await w.tenant(), 'read_only']]);
    const token = await tokenOf(ann.email);
    expect((await accept(token, 'a password the admin made up')).body['code']).toBe('invalid_token');
    expect((await w.browser().login(ann)).status).toBe(200);
    expect((await accept(token)).status).toBe(204);
    const there = await w.signedIn(ann);
    expect((await there.ask('GET', '/tenant/settings', undefined, { 'x-tenant-id': tenant.id })).status).toBe(
      200,
    );
  });

  it('gets the same response for a user whom the installation already has, with an id that shows no time', async () => {
    const ann = await w.user([[await w.tenant(), 'read_only']], { email: newEmail() });
    const [existing, unknown] = [
      await invite(admin, { email: ann.email }),
      await invite(admin, { email: newEmail() }),
    ];
    expect([existing.status, Object.keys(existing.body)]).toEqual([
      unknown.status,
      Object.keys(unknown.body),
    ]);
    for (const { body } of [existing, unknown]) expect(String(body['user_id'])[14]).toBe('4');
    expect((await admin.ask('GET', `/users/${ann.id}`)).body).toMatchObject({
      name: 'Bob',
      status: 'invited',
    });
  });

  it('reaches one user, however the address is written', async () => {
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
  ])('is rejected for %j', async (email) => {
    expect((await invite(admin, { email })).status).toBe(422);
  });

  it("is rejected for a member, an unknown role and a role above the inviter's", async () => {
    const operator = await w.user([[tenant, 'operator']]);
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
    'cannot be %j',
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

  it('cannot be the address of its user', async () => {
    const email = 'a.rather.long.name@example.com';
    const token = await tokenOf(email);
    for (const password of [email, 'A.rather.long.NAME'])
      expect((await accept(token, password)).body['code']).toBe('weak_password');
  });

  it('is hashed by argon2id with 19 MiB, and hashed again at a login after a weaker hash', async () => {
    const ann = await w.user();
    const hashNow = async () =>
      (
        await w.sql<{ hash: string }>('SELECT password_hash AS hash FROM identity.users WHERE id = $1', [
          ann.id,
        ])
      )[0]?.hash as string;
    expect(await hashNow()).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const { hash } = await import('@node-rs/argon2');
    await w.sql('UPDATE identity.users SET password_hash = $2 WHERE id = $1', [
      ann.id,
      await hash(PASSWORD, { memoryCost: 8_192, timeCost: 1, parallelism: 1 }),
    ]);
    expect((await w.browser().login(ann, { password: 'not this one' })).status).toBe(401);
    expect(await hashNow()).toContain('m=8192,t=1');
    expect((await w.browser().login(ann)).status).toBe(200);
    expect(await hashNow()).toContain('m=19456,t=2');
    expect((await w.browser().login(ann)).status).toBe(200);
  });
});

describe('a platform admin in a tenant', () => {
  it('can read everything and invite users, and has no authority over money', async () => {
    const root = await w.signedIn(await w.user([], { isPlatformAdmin: true }));
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

  it('who is disabled is signed out at once', async () => {
    const root = await w.user([], { isPlatformAdmin: true });
    const browser = await w.signedIn(root);
    const look = () => browser.ask('GET', '/users', undefined, { 'x-tenant-id': tenant.id });
    expect((await look()).status).toBe(200);
    await w.get(UpdateAccountFlags).execute(root.id, { isActive: false }, systemActor('test'));
    expect((await look()).status).toBe(401);
  });
});

describe('users in the database', () => {
  it('are hidden from the login of tenants', async () => {
    for (const table of ['users', 'sessions', 'refresh_families', 'refresh_tokens', 'one_time_tokens']) {
      await expect(w.t.db.app.query(`SELECT * FROM identity.${table}`)).rejects.toMatchObject({
        code: '42501',
      });
    }
  });
});
