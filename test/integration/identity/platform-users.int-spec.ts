import { LastPlatformAdmin } from '../../../src/modules/identity';
import { UserStore } from '../../../src/modules/identity/accounts/application/ports';
import { ChangePassword } from '../../../src/modules/identity/accounts/application/change-password';
import { UpdateAccountFlags } from '../../../src/modules/identity/accounts/application/update-account-flags';
import { systemActor } from '../../../src/kernel/actor';
import { PASSWORD, IdentityWorld, type Browser, type TestUser } from './support/identity-world';

let w: IdentityWorld;
let root: TestUser;
let browser: Browser;

beforeAll(async () => {
  w = await IdentityWorld.start();
});
afterAll(() => w.close());
/** One administrator at the beginning of each test. */
beforeEach(async () => {
  await w.sql('UPDATE identity.users SET is_platform_admin = false');
  root = await w.user([], { isPlatformAdmin: true });
  browser = await w.signedIn(root);
});

const patch = (id: string, body: object, by = browser) => by.ask('PATCH', `/platform-users/${id}`, body);
const list = async (query = '') =>
  (await browser.ask('GET', `/platform-users${query}`)).body as unknown as {
    results: { id: string; email: string; is_active: boolean; has_password: boolean }[];
    next: string | null;
  };
const flagsOf = async (id: string) =>
  (
    await w.sql<{ admin: boolean; active: boolean }>(
      'SELECT is_platform_admin AS admin, is_active AS active FROM identity.users WHERE id = $1',
      [id],
    )
  )[0];

describe('the users of the installation', () => {
  it('are found by address, however it is written, and by their flags', async () => {
    const ann = await w.user([[await w.tenant(), 'analyst']], { email: 'Straße@example.com' });
    const found = (await list('?email=STRASSE@EXAMPLE.COM')).results;
    expect(found).toEqual([
      {
        id: ann.id,
        email: 'Straße@example.com',
        name: 'Ann Lee',
        is_platform_admin: false,
        is_active: true,
        has_password: true,
        created_at: expect.any(String),
      },
    ]);
    expect((await list('?is_platform_admin=true')).results.map(({ id }) => id)).toEqual([root.id]);
    expect((await list('?email=unknown@example.com')).results).toEqual([]);
    expect((await browser.ask('GET', '/platform-users?is_platform_admin=maybe')).status).toBe(422);
  });

  it('are listed in pages, each once, to platform admins only', async () => {
    for (let i = 0; i < 3; i++) await w.user();
    const ids: string[] = [];
    for (let path: string | null = '?limit=2'; path;) {
      const page = await list(path);
      ids.push(...page.results.map(({ id }) => id));
      path = page.next && `?${page.next.split('?')[1]}`;
    }
    const all = await w.sql<{ id: string }>(
      'SELECT id FROM identity.users ORDER BY created_at DESC, id DESC',
    );
    expect(ids).toEqual(all.map(({ id }) => id));
    const ann = await w.signedIn(await w.user([[await w.tenant(), 'tenant_admin']]));
    for (const path of ['/platform-users', '/platform-audit-log'])
      expect((await ann.ask('GET', path)).body['code']).toBe('insufficient_scope');
  });
});

describe('a platform admin', () => {
  it('who is demoted is signed out at once, and signs in as an ordinary user', async () => {
    const other = await w.user([], { isPlatformAdmin: true });
    const [there, pair] = [await w.signedIn(other), await w.tokens(other)];
    expect((await patch(other.id, { is_platform_admin: false })).status).toBe(204);
    expect((await there.ask('GET', '/platform-users')).status).toBe(401);
    expect((await w.withToken(pair.access_token)).status).toBe(401);
    expect((await w.ask('POST', '/auth/refresh', { refresh_token: pair.refresh_token })).status).toBe(401);
    const again = await w.signedIn(other);
    expect((await again.ask('GET', '/platform-users')).body['code']).toBe('insufficient_scope');
    expect(
      (await again.ask('GET', '/users', undefined, { 'x-tenant-id': (await w.tenant()).id })).body['code'],
    ).toBe('tenant_not_found');
    const log = (await browser.ask('GET', `/platform-audit-log?user_id=${other.id}`)).body as unknown as {
      results: object[];
    };
    expect(log.results[0]).toMatchObject({
      action: 'user.demoted',
      actor: { kind: 'user', id: root.id, name: 'Ann Lee' },
      user_id: other.id,
      request_id: expect.any(String),
    });
    const mine = (await browser.ask('GET', `/platform-audit-log?actor_id=${root.id}&limit=1`))
      .body as unknown as { results: object[] };
    expect(mine.results).toEqual([log.results[0]]);
  });

  it.each([
    { is_platform_admin: false },
    { is_active: false },
    { is_active: false, is_platform_admin: false },
  ])('who is the last one cannot be changed to %j', async (change) => {
    await w.user([], { isPlatformAdmin: true }).then(({ id }) => patch(id, { is_active: false }));
    const { userId: unborn } = await w.unaccepted({ isPlatformAdmin: true });
    expect((await patch(root.id, change)).body).toMatchObject({ status: 409, code: 'last_platform_admin' });
    expect(await flagsOf(root.id)).toEqual({ admin: true, active: true });
    expect((await patch(unborn, { is_platform_admin: false })).status).toBe(204);
  });

  it('remains when two end each other at once', async () => {
    const other = await w.user([], { isPlatformAdmin: true });
    const users = w.get(UserStore);
    const real = users.lockPlatformAdmins.bind(users);
    let second: () => void = () => undefined;
    const both = new Promise<void>((resolve) => (second = resolve));
    let arrived = 0;
    const locking = jest.spyOn(users, 'lockPlatformAdmins').mockImplementation(async (tx) => {
      if (++arrived === 2) second();
      await both;
      return real(tx);
    });
    const [demoted, disabled] = [{ isPlatformAdmin: false as const }, { isActive: false }];
    const ends = await Promise.allSettled([
      w.get(UpdateAccountFlags).execute(other.id, demoted, systemActor('test')),
      w.get(UpdateAccountFlags).execute(root.id, disabled, systemActor('test')),
    ]);
    locking.mockRestore();
    expect(ends.filter(({ status }) => status === 'rejected')).toEqual([
      { status: 'rejected', reason: expect.any(LastPlatformAdmin) },
    ]);
    const left = await w.sql('SELECT 1 FROM identity.users WHERE is_platform_admin AND is_active');
    expect(left).toHaveLength(1);
  });

  it('can be demoted by only one of two who demote each other at once, though a third one remains', async () => {
    const other = await w.user([], { isPlatformAdmin: true });
    const there = await w.signedIn(other);
    await w.user([], { isPlatformAdmin: true });
    const users = w.get(UserStore);
    const real = users.lockPlatformAdmins.bind(users);
    let second: () => void = () => undefined;
    const both = new Promise<void>((resolve) => (second = resolve));
    let arrived = 0;
    const locking = jest.spyOn(users, 'lockPlatformAdmins').mockImplementation(async (tx) => {
      if (++arrived >= 2) second();
      await both;
      return real(tx);
    });
    const responses = await Promise.all([
      patch(other.id, { is_platform_admin: false }),
      patch(root.id, { is_platform_admin: false }, there),
    ]);
    locking.mockRestore();
    expect(responses.map(({ status }) => status).sort()).toEqual([204, 401]);
    expect(await w.sql('SELECT 1 FROM identity.users WHERE is_platform_admin AND is_active')).toHaveLength(2);
  });

  it.each([{ is_active: true }, { is_active: false }])(
    'who was demoted after the request was authenticated cannot change a user to %j',
    async (change) => {
      const late = await w.user([], { isPlatformAdmin: true });
      const there = await w.signedIn(late);
      const ann = await w.user();
      await patch(ann.id, { is_active: !change.is_active });
      const update = w.get(UpdateAccountFlags);
      const real = update.execute.bind(update);
      jest.spyOn(update, 'execute').mockImplementationOnce(async (...of) => {
        await real(late.id, { isPlatformAdmin: false }, systemActor('test'));
        return real(...of);
      });
      expect((await patch(ann.id, change, there)).status).toBe(401);
      expect(await flagsOf(ann.id)).toEqual({ admin: false, active: !change.is_active });
    },
  );

  it('whose session a password change ended after the request was authenticated cannot disable a user', async () => {
    const late = await w.user([], { isPlatformAdmin: true });
    const there = await w.signedIn(late);
    const ann = await w.user();
    const update = w.get(UpdateAccountFlags);
    const real = update.execute.bind(update);
    jest.spyOn(update, 'execute').mockImplementationOnce(async (...of) => {
      const changed = await w
        .get(ChangePassword)
        .execute(late.id, PASSWORD, 'eleven blue whales whistle', systemActor('test'));
      expect(changed.status).toBe('right');
      return real(...of);
    });
    expect((await patch(ann.id, { is_active: false }, there)).status).toBe(401);
    expect(await flagsOf(ann.id)).toEqual({ admin: false, active: true });
  });

  it('is created by the command line only', async () => {
    const ann = await w.user();
    for (const value of [true, null, 'true'])
      expect((await patch(ann.id, { is_platform_admin: value })).status).toBe(422);
    expect((await patch(ann.id, { is_active: null })).status).toBe(422);
    expect(await flagsOf(ann.id)).toEqual({ admin: false, active: true });
  });

  it('ends no access by a change without a difference', async () => {
    const ann = await w.user();
    const browser = await w.signedIn(ann);
    for (const same of [{}, { is_active: true }, { is_platform_admin: false }])
      expect((await patch(ann.id, same)).status).toBe(204);
    expect((await browser.ask('GET', '/auth/profile')).status).toBe(200);
    expect(
      await w.sql(`SELECT 1 FROM identity.installation_log WHERE user_id = $1 AND action <> 'user.invited'`, [
        ann.id,
      ]),
    ).toEqual([]);
    expect((await w.browser().login(ann, { password: PASSWORD })).status).toBe(200);
  });
});
