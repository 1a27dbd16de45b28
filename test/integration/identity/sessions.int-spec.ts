import { Users } from '../../../src/modules/identity';
import { UpdateAccountFlags } from '../../../src/modules/identity/accounts/application/update-account-flags';
import { AccessTokens } from '../../../src/modules/identity/access/application/ports';
import { PasswordHasher } from '../../../src/modules/identity/accounts/application/ports';
import { Tenancy } from '../../../src/modules/tenancy';
import { systemActor } from '../../../src/kernel/actor';
import { PASSWORD, PeopleWorld, type Browser, type Person } from './support/identity-world';

let w: PeopleWorld;

beforeAll(async () => {
  w = await PeopleWorld.start();
});
afterAll(() => w.close());

const profile = (browser: Browser) => browser.ask('GET', '/auth/profile');
const events = (name: string) => w.t.log.lines.filter(({ event }) => event === `security.${name}`).length;

describe('a session', () => {
  it('is opened by a password, in a cookie that scripts and other sites do not get, and tells who is inside', async () => {
    const tenant = await w.tenant();
    const ann = await w.person([[tenant, 'operator']]);
    const browser = w.browser();
    const answer = await browser.login(ann);
    const expected = {
      id: ann.id,
      email: ann.email,
      name: 'Ann Lee',
      is_platform_admin: false,
      tenants: [{ tenant_id: tenant.id, role: 'operator' }],
      csrf_token: expect.any(String),
    };
    expect([answer.status, answer.body]).toEqual([200, expected]);
    expect(answer.headers['set-cookie']).toMatch(
      /^__Host-disburse_session=ds_[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect((await profile(browser)).body).toEqual(expected);
    const [row] = await w.sql<{ row: string }>(
      `SELECT s::text AS row FROM identity.sessions s WHERE user_id = $1`,
      [ann.id],
    );
    expect(row?.row).not.toContain(browser.cookie?.split('=')[1]?.slice(3));
  });

  it('is remembered for 30 days where that was asked for, and 12 hours else', async () => {
    const ann = await w.person();
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

  it('is a new one at each login: the cookie that the browser came with is worth nothing afterwards', async () => {
    const browser = await w.inside(await w.person());
    const former = browser.cookie as string;
    const again = w.browser();
    again.cookie = former;
    const ann = (await profile(browser)).body as unknown as Person;
    await again.login(ann);
    expect(again.cookie).not.toBe(former);
    expect((await w.ask('GET', '/auth/profile', undefined, { cookie: former })).status).toBe(401);
    expect((await profile(again)).status).toBe(200);
  });

  it('ends with the next login of its browser at once, also in the tenant where it was just used, and where another person logs in', async () => {
    const tenant = await w.tenant();
    for (const next of ['themselves', 'somebody else']) {
      const ann = await w.person([[tenant, 'operator']]);
      const browser = await w.inside(ann);
      const former = { cookie: browser.cookie as string, 'x-csrf-token': browser.csrf as string };
      const read = async () => (await w.ask('GET', '/probe', undefined, former)).status;
      expect(await read()).toBe(200);
      await browser.login(next === 'themselves' ? ann : await w.person([[tenant, 'operator']]));
      expect([next, await read()]).toEqual([next, 401]);
    }
  });

  it('that somebody else made up or planted opens nothing, and a login does not take it over', async () => {
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
    await browser.login(await w.person());
    expect(browser.cookie).not.toBe(planted);
    expect((await w.ask('GET', '/auth/profile', undefined, { cookie: planted })).status).toBe(401);
  });

  it('ends by logging out', async () => {
    const browser = await w.inside(await w.person());
    const { cookie } = browser;
    expect((await browser.ask('POST', '/auth/logout')).status).toBe(204);
    expect(browser.cookie).toBeNull();
    expect((await w.ask('GET', '/auth/profile', undefined, { cookie: cookie as string })).status).toBe(401);
  });

  it.each([
    ['unused for two hours', `last_seen_at = now() - interval '2 hours'`],
    ['open for twelve hours, however busy', `created_at = now() - interval '12 hours', expires_at = now()`],
  ])('ends when it was %s', async (_what, change) => {
    const ann = await w.person();
    const browser = await w.inside(ann);
    await w.sql(`UPDATE identity.sessions SET ${change} WHERE user_id = $1`, [ann.id]);
    expect((await profile(browser)).status).toBe(401);
  });

  it('notes that it was used, at most once a minute', async () => {
    const ann = await w.person();
    const browser = await w.inside(ann);
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
    const ann = await w.person();
    const [browser, other] = [await w.inside(ann), await w.inside(await w.person())];
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
    const browser = await w.inside(await w.person([[tenant, 'tenant_admin']]));
    browser.csrf = null;
    const invite = { email: 'eve@example.com', name: 'Eve', role: 'tenant_admin' };
    expect((await browser.ask('POST', '/users', invite)).body['code']).toBe('csrf_failed');
    expect((await browser.ask('GET', '/users')).status).toBe(200);
  });

  it('does not log a visitor in as somebody else', async () => {
    const { email } = await w.person();
    expect(
      (await w.ask('POST', '/auth/login', { email, password: PASSWORD }, { 'sec-fetch-site': 'cross-site' }))
        .body['code'],
    ).toBe('csrf_failed');
  });
});

describe('a wrong password', () => {
  it('is answered like an unknown, an invited and a disabled person, after one hash each', async () => {
    const [ann, disabled] = [await w.person(), await w.person()];
    await w.get(UpdateAccountFlags).execute(disabled.id, { isActive: false }, systemActor('test'));
    const invited = 'not-yet@example.com';
    await w.get(Users).create({ email: invited, name: 'Not yet', isPlatformAdmin: false });
    const verify = jest.spyOn(w.get(PasswordHasher), 'verify');
    const answers = [];
    for (const email of [ann.email, 'nobody@example.com', disabled.email, invited]) {
      const password = email === disabled.email ? PASSWORD : 'wrong wrong wrong';
      const { status, body } = await w.ask(
        'POST',
        '/auth/login',
        { email, password },
        { 'x-request-id': 'the-same-request' },
      );
      answers.push(JSON.stringify([status, body]));
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('invalid_credentials');
    expect(verify).toHaveBeenCalledTimes(4);
  });

  it('takes about as long for a person who is not there', async () => {
    const { email } = await w.person();
    const took = async (address: string) => {
      const started = performance.now();
      await w.ask('POST', '/auth/login', { email: address, password: 'wrong wrong wrong' });
      return performance.now() - started;
    };
    const median = (samples: number[]) => [...samples].sort((a, b) => a - b)[samples.length >> 1] as number;
    const [known, unknown]: [number[], number[]] = [[], []];
    for (let i = 0; i < 15; i++) {
      known.push(await took(email));
      unknown.push(await took(`nobody-${i}@example.com`));
    }
    // Generous: without the hash it would be a tenth.
    expect(median(unknown) / median(known)).toBeGreaterThan(0.5);
    expect(median(unknown) / median(known)).toBeLessThan(2);
  });

  it('is told to those who watch, without what was typed', async () => {
    const { email } = await w.person();
    const before = events('login_failed');
    await w.ask('POST', '/auth/login', { email, password: 'a very secret mistake' });
    expect(events('login_failed')).toBe(before + 1);
    expect(JSON.stringify(w.t.log.lines)).not.toMatch(/secret mistake|@example/);
  });
});

describe('changing the password', () => {
  const NEXT = 'eleven blue whales whistle';

  it('ends every session, every refresh token and every access token, here and in every tenant', async () => {
    const tenant = await w.tenant();
    const ann = await w.person([[tenant, 'operator']]);
    const [here, there] = [await w.inside(ann), await w.inside(ann)];
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

  it('lets no login through that had checked the former one', async () => {
    const ann = await w.person();
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

describe('shutting a person out', () => {
  it('ends everything at once and tells every tenant', async () => {
    const tenant = await w.tenant();
    const ann = await w.person([[tenant, 'operator']]);
    const root = await w.inside(await w.person([], { isPlatformAdmin: true }));
    const browser = await w.inside(ann);
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

describe('the tenant of a person', () => {
  const asked = (browser: Browser, headers: Record<string, string> = {}) =>
    browser.ask('GET', '/tenant/settings', undefined, { 'x-request-id': 'the-same-request', ...headers });

  it('is the only one; with two it must be said; without any there is none', async () => {
    const [a, b] = [await w.tenant(), await w.tenant()];
    expect((await asked(await w.inside(await w.person([[a, 'analyst']])))).status).toBe(200);
    const both = await w.inside(
      await w.person([
        [a, 'analyst'],
        [b, 'read_only'],
      ]),
    );
    expect((await asked(both)).body).toMatchObject({ status: 400, code: 'tenant_required' });
    expect((await asked(both, { 'x-tenant-id': b.id.toUpperCase() })).status).toBe(200);
    expect((await asked(await w.inside(await w.person()))).body).toMatchObject({
      status: 400,
      code: 'tenant_required',
    });
  });

  it('that is not theirs is answered with the same bytes as one that nobody has', async () => {
    const [mine, theirs] = [await w.tenant(), await w.tenant('Secret Corp')];
    const browser = await w.inside(await w.person([[mine, 'tenant_admin']]));
    const unknown = await asked(browser, { 'x-tenant-id': '0198b0f2-7c1e-7b3a-9d55-000000000000' });
    expect(unknown.body).toMatchObject({ status: 404, code: 'tenant_not_found' });
    const hosts = [`${theirs.slug}.disburse.example`, 'nobody-0123456789ab.disburse.example'];
    for (const headers of [
      { 'x-tenant-id': theirs.id },
      { 'x-tenant-id': 'x' },
      ...hosts.map((host) => ({ host })),
    ]) {
      expect([headers, (await asked(browser, headers)).text]).toEqual([headers, unknown.text]);
    }
  });

  it('may stand in the host, behind the header', async () => {
    const [a, b] = [await w.tenant(), await w.tenant()];
    const browser = await w.inside(
      await w.person([
        [a, 'tenant_admin'],
        [b, 'tenant_admin'],
      ]),
    );
    const inA = { host: `${a.slug}.disburse.example:8443` };
    await w.invited(a, 'only-in-a@example.com', 'analyst');
    const people = async (headers: Record<string, string>) =>
      JSON.stringify((await browser.ask('GET', '/users', undefined, headers)).body);
    expect(await people(inA)).toContain('only-in-a');
    expect(await people({ ...inA, 'x-tenant-id': b.id })).not.toContain('only-in-a');
    expect((await asked(browser, { host: 'www.disburse.example' })).body['code']).toBe('tenant_required');
    expect((await asked(browser, { host: a.slug })).body['code']).toBe('tenant_required');
  });

  it('that is suspended is closed at once', async () => {
    const tenant = await w.tenant();
    const browser = await w.inside(await w.person([[tenant, 'tenant_admin']]));
    const stranger = await w.inside(await w.person([[await w.tenant(), 'tenant_admin']]));
    await w.t.db.uow.run(tenant.id, (tx) => w.get(Tenancy).suspend(tx, 'a test', systemActor('test')));
    expect((await asked(browser)).body).toMatchObject({ status: 403, code: 'tenant_suspended' });
    expect((await asked(stranger, { 'x-tenant-id': tenant.id })).body['code']).toBe('tenant_not_found');
  });

  it("must be the key's own where a key says one", async () => {
    const caller = await w.t.caller(['tenant:read']);
    const ask = (tenant: string) =>
      w.ask('GET', '/tenant/settings', undefined, { 'x-api-key': caller.secret, 'x-tenant-id': tenant });
    expect((await ask(caller.tenant)).status).toBe(200);
    expect((await ask((await w.tenant()).id)).body['code']).toBe('tenant_not_found');
  });
});

describe('more than one way in at once', () => {
  it('is refused: the request says two things about who calls', async () => {
    const ann = await w.person();
    const { cookie } = await w.inside(ann);
    const { access_token: token } = await w.tokens(ann);
    const caller = await w.t.caller();
    const ways: Record<string, string>[] = [
      { cookie: cookie as string },
      { authorization: `Bearer ${token}` },
      { 'x-api-key': caller.secret },
    ];
    for (const [i, one] of ways.entries()) {
      const another = ways[(i + 1) % 3];
      expect((await w.ask('GET', '/auth/profile', undefined, { ...one, ...another })).body).toMatchObject({
        status: 400,
        code: 'ambiguous_credentials',
      });
    }
    expect(w.get(AccessTokens).lifetimeS).toBeLessThanOrEqual(900);
  });
});
