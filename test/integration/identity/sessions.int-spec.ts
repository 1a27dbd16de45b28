import { Users } from '../../../src/modules/identity';
import { UpdateAccountFlags } from '../../../src/modules/identity/accounts/application/update-account-flags';
import { PasswordHasher } from '../../../src/modules/identity/accounts/application/ports';
import { systemActor } from '../../../src/kernel/actor';
import { PASSWORD, IdentityWorld, type Browser, type TestUser } from './support/identity-world';

let w: IdentityWorld;

beforeAll(async () => {
  w = await IdentityWorld.start();
});
afterAll(() => w.close());

const profile = (browser: Browser) => browser.ask('GET', '/auth/profile');
const events = (name: string) => w.t.log.lines.filter(({ event }) => event === `security.${name}`).length;

describe('a session', () => {
  it('is opened by a password, in a cookie that scripts and other sites do not get', async () => {
    const tenant = await w.tenant();
    const ann = await w.user([[tenant, 'operator']]);
    const browser = w.browser();
    const response = await browser.login(ann);
    const expected = {
      id: ann.id,
      email: ann.email,
      name: 'Ann Lee',
      is_platform_admin: false,
      tenants: [{ tenant_id: tenant.id, role: 'operator' }],
      csrf_token: expect.any(String),
    };
    expect([response.status, response.body]).toEqual([200, expected]);
    expect(response.headers['set-cookie']).toMatch(
      /^__Host-disburse_session=ds_[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect((await profile(browser)).body).toEqual(expected);
    const [row] = await w.sql<{ row: string }>(
      `SELECT s::text AS row FROM identity.sessions s WHERE user_id = $1`,
      [ann.id],
    );
    expect(row?.row).not.toContain(browser.cookie?.split('=')[1]?.slice(3));
  });

  it('lasts 30 days if the user chooses to be remembered, and 12 hours otherwise', async () => {
    const ann = await w.user();
    expect((await w.browser().login(ann, { remember: true })).headers['set-cookie']).toContain(
      'Max-Age=2592000',
    );
    expect((await w.browser().login(ann)).headers['set-cookie']).not.toContain('Max-Age');
    const lives = await w.sql<{ s: number }>(
      `SELECT extract(epoch FROM expires_at - created_at)::int AS s FROM identity.sessions WHERE user_id = $1
        ORDER BY 1`,
      [ann.id],
    );
    expect(lives.map(({ s }) => s)).toEqual([43_200, 2_592_000]);
  });

  it('gets a new secret at each login, and the cookie that the browser sent stops working', async () => {
    const browser = await w.signedIn(await w.user());
    const former = browser.cookie as string;
    const again = w.browser();
    again.cookie = former;
    const ann = (await profile(browser)).body as unknown as TestUser;
    await again.login(ann);
    expect(again.cookie).not.toBe(former);
    expect((await w.ask('GET', '/auth/profile', undefined, { cookie: former })).status).toBe(401);
    expect((await profile(again)).status).toBe(200);
  });

  it('ends with the next login in its browser at once, in every tenant, also when another user logs in', async () => {
    const tenant = await w.tenant();
    for (const next of ['the same user', 'another user']) {
      const ann = await w.user([[tenant, 'operator']]);
      const browser = await w.signedIn(ann);
      const former = { cookie: browser.cookie as string, 'x-csrf-token': browser.csrf as string };
      const read = async () => (await w.ask('GET', '/probe', undefined, former)).status;
      expect(await read()).toBe(200);
      await browser.login(next === 'themselves' ? ann : await w.user([[tenant, 'operator']]));
      expect([next, await read()]).toEqual([next, 401]);
    }
  });

  it('that was invented or planted is rejected, and a login does not adopt it', async () => {
    const planted = `__Host-disburse_session=ds_${'A'.repeat(43)}`;
    const before = events('session_forged');
    for (const cookie of [
      planted,
      '__Host-disburse_session=x',
      `__Host-disburse_session=${'é'.repeat(10)}`,
    ]) {
      expect((await w.ask('GET', '/auth/profile', undefined, { cookie })).status).toBe(401);
    }
    expect(events('session_forged')).toBe(before + 3);
    const browser = w.browser();
    browser.cookie = planted;
    await browser.login(await w.user());
    expect(browser.cookie).not.toBe(planted);
    expect((await w.ask('GET', '/auth/profile', undefined, { cookie: planted })).status).toBe(401);
  });

  it('ends by logging out', async () => {
    const browser = await w.signedIn(await w.user());
    const { cookie } = browser;
    expect((await browser.ask('POST', '/auth/logout')).status).toBe(204);
    expect(browser.cookie).toBeNull();
    expect((await w.ask('GET', '/auth/profile', undefined, { cookie: cookie as string })).status).toBe(401);
  });

  it.each([
    ['unused for two hours', `last_seen_at = now() - interval '2 hours'`],
    ['open for twelve hours, however busy', `created_at = now() - interval '12 hours', expires_at = now()`],
  ])('ends when it was %s', async (_what, change) => {
    const ann = await w.user();
    const browser = await w.signedIn(ann);
    await w.sql(`UPDATE identity.sessions SET ${change} WHERE user_id = $1`, [ann.id]);
    expect((await profile(browser)).status).toBe(401);
  });

  it('records its last use at most once a minute', async () => {
    const ann = await w.user();
    const browser = await w.signedIn(ann);
    const seen = async () =>
      (
        await w.sql<{ at: Date }>('SELECT last_seen_at AS at FROM identity.sessions WHERE user_id = $1', [
          ann.id,
        ])
      )[0]?.at.getTime() as number;
    const opened = await seen();
    await profile(browser);
    expect(await seen()).toBe(opened);
    await w.sql(
      `UPDATE identity.sessions SET last_seen_at = now() - interval '61 seconds' WHERE user_id = $1`,
      [ann.id],
    );
    await profile(browser);
    expect(await seen()).toBeGreaterThan(opened);
  });
});

describe('a request that another site makes a browser send', () => {
  it('changes nothing without the token of that session, or from another origin', async () => {
    const ann = await w.user();
    const [browser, other] = [await w.signedIn(ann), await w.signedIn(await w.user())];
    const attempts: Record<string, string>[] = [
      { 'x-csrf-token': '' },
      { 'x-csrf-token': other.csrf as string },
      { 'x-csrf-token': `${browser.csrf}x` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ];
    const before = events('csrf_failed');
    for (const headers of attempts)
      expect([headers, (await browser.ask('POST', '/auth/logout', undefined, headers)).body['code']]).toEqual(
        [headers, 'csrf_failed'],
      );
    expect(events('csrf_failed')).toBe(before + attempts.length);
    expect((await profile(browser)).status).toBe(200);
    const { csrf } = browser;
    browser.csrf = null;
    expect((await browser.ask('POST', '/auth/logout')).body['code']).toBe('csrf_failed');
    browser.csrf = csrf;
    expect(
      (
        await browser.ask('POST', '/auth/logout', undefined, {
          origin: 'http://localhost:80',
          'sec-fetch-site': 'same-origin',
        })
      ).status,
    ).toBe(204);
  });

  it('cannot change a tenant either', async () => {
    const tenant = await w.tenant();
    const browser = await w.signedIn(await w.user([[tenant, 'tenant_admin']]));
    browser.csrf = null;
    const invite = { email: 'eve@example.com', name: 'Eve', role: 'tenant_admin' };
    expect((await browser.ask('POST', '/users', invite)).body['code']).toBe('csrf_failed');
    expect((await browser.ask('GET', '/users')).status).toBe(200);
  });

  it('does not log a visitor in as another user', async () => {
    const { email } = await w.user();
    expect(
      (await w.ask('POST', '/auth/login', { email, password: PASSWORD }, { 'sec-fetch-site': 'cross-site' }))
        .body['code'],
    ).toBe('csrf_failed');
  });
});

describe('a wrong password', () => {
  it('gets the same response for an unknown, an invited and a disabled user, after one hash each', async () => {
    const [ann, disabled] = [await w.user(), await w.user()];
    await w.get(UpdateAccountFlags).execute(disabled.id, { isActive: false }, systemActor('test'));
    const invited = 'not-yet@example.com';
    await w.get(Users).create({ email: invited, name: 'Not yet', isPlatformAdmin: false });
    const verify = jest.spyOn(w.get(PasswordHasher), 'verify');
    const responses = [];
    for (const email of [ann.email, 'unknown@example.com', disabled.email, invited]) {
      const password = email === disabled.email ? PASSWORD : 'wrong wrong wrong';
      const { status, body } = await w.ask(
        'POST',
        '/auth/login',
        { email, password },
        { 'x-request-id': 'the-same-request' },
      );
      responses.push(JSON.stringify([status, body]));
    }
    expect(new Set(responses).size).toBe(1);
    expect(responses[0]).toContain('invalid_credentials');
    expect(verify).toHaveBeenCalledTimes(4);
  });

  it('takes about as long for a user who does not exist', async () => {
    const { email } = await w.user();
    const took = async (address: string) => {
      const started = performance.now();
      await w.ask('POST', '/auth/login', { email: address, password: 'wrong wrong wrong' });
      return performance.now() - started;
    };
    const median = (samples: number[]) => [...samples].sort((a, b) => a - b)[samples.length >> 1] as number;
    const [existing, unknown]: [number[], number[]] = [[], []];
    for (let i = 0; i < 15; i++) {
      existing.push(await took(email));
      unknown.push(await took(`unknown-${i}@example.com`));
    }
    // Generous: without the hash it would be a tenth.
    expect(median(unknown) / median(existing)).toBeGreaterThan(0.5);
    expect(median(unknown) / median(existing)).toBeLessThan(2);
  });

  it('is logged as a security event, without the password', async () => {
    const { email } = await w.user();
    const before = events('login_failed');
    await w.ask('POST', '/auth/login', { email, password: 'a very secret mistake' });
    expect(events('login_failed')).toBe(before + 1);
    expect(JSON.stringify(w.t.log.lines)).not.toMatch(/secret mistake|@example/);
  });
});

describe('changing the password', () => {
  const NEXT = 'eleven blue whales whistle';

  it('ends every session, every refresh token and every access token, in every tenant', async () => {
    const tenant = await w.tenant();
    const ann = await w.user([[tenant, 'operator']]);
    const [here, there] = [await w.signedIn(ann), await w.signedIn(ann)];
    const pair = await w.tokens(ann);
    expect((await w.withToken(pair.access_token, '/tenant/settings')).status).toBe(200);
    expect((await there.ask('GET', '/tenant/settings')).status).toBe(200);
    expect(
      (
        await here.ask('POST', '/auth/change-password', {
          current_password: 'not this one',
          new_password: NEXT,
        })
      ).body['code'],
    ).toBe('invalid_credentials');
    expect(
      (
        await here.ask('POST', '/auth/change-password', {
          current_password: PASSWORD,
          new_password: 'password1',
        })
      ).body['code'],
    ).toBe('weak_password');
    expect(
      (await here.ask('POST', '/auth/change-password', { current_password: PASSWORD, new_password: NEXT }))
        .status,
    ).toBe(204);
    expect((await here.ask('GET', '/auth/profile')).status).toBe(401);
    expect((await there.ask('GET', '/tenant/settings')).status).toBe(401);
    expect((await w.withToken(pair.access_token)).status).toBe(401);
    expect((await w.withToken(pair.access_token, '/tenant/settings')).status).toBe(401);
    expect((await w.ask('POST', '/auth/refresh', { refresh_token: pair.refresh_token })).status).toBe(401);
    expect((await w.browser().login(ann)).status).toBe(401);
    expect((await w.browser().login(ann, { password: NEXT })).status).toBe(200);
    const [record] = await w.sql(
      `SELECT actor_id, action FROM platform.audit_log WHERE tenant_id = $1
        AND action = 'user.password_changed'`,
      [tenant.id],
    );
    expect(record).toEqual({ actor_id: ann.id, action: 'user.password_changed' });
  });

  it('rejects a login that had checked the previous password', async () => {
    const ann = await w.user();
    const hasher = w.get(PasswordHasher);
    const verify = hasher.verify.bind(hasher);
    jest.spyOn(hasher, 'verify').mockImplementationOnce(async (hash, password) => {
      const isRight = await verify(hash, password);
      await w.sql(`UPDATE identity.users SET password_hash = '$argon2id$changed' WHERE id = $1`, [ann.id]);
      return isRight;
    });
    expect((await w.browser().login(ann)).body['code']).toBe('invalid_credentials');
  });
});

describe('disabling a user', () => {
  it('ends all access at once and is recorded in every tenant', async () => {
    const tenant = await w.tenant();
    const ann = await w.user([[tenant, 'operator']]);
    const root = await w.signedIn(await w.user([], { isPlatformAdmin: true }));
    const browser = await w.signedIn(ann);
    const pair = await w.tokens(ann);
    expect((await browser.ask('GET', '/tenant/settings')).status).toBe(200);
    expect((await browser.ask('PATCH', `/platform-users/${ann.id}`, { is_active: true })).body['code']).toBe(
      'insufficient_scope',
    );
    expect((await root.ask('PATCH', `/platform-users/${ann.id}`, { is_active: false })).status).toBe(204);
    expect((await browser.ask('GET', '/tenant/settings')).status).toBe(401);
    expect((await w.withToken(pair.access_token, '/tenant/settings')).status).toBe(401);
    expect((await w.ask('POST', '/auth/refresh', { refresh_token: pair.refresh_token })).status).toBe(401);
    expect((await w.browser().login(ann)).status).toBe(401);
    expect((await root.ask('PATCH', `/platform-users/${ann.id}`, { is_active: true })).status).toBe(204);
    expect((await browser.ask('GET', '/auth/profile')).status).toBe(401);
    expect((await w.browser().login(ann)).status).toBe(200);
    const records = await w.sql<{ action: string }>(
      `SELECT action FROM platform.audit_log WHERE tenant_id = $1 AND entity_id = $2
        AND action LIKE 'user.%abled' ORDER BY id`,
      [tenant.id, ann.id],
    );
    expect(records.map(({ action }) => action)).toEqual(['user.disabled', 'user.enabled']);
  });
});
