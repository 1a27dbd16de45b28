import { AsyncResource } from 'node:async_hooks';
import { AccessEpochs } from '../../../src/kernel/access-epochs';
import type { TenantId } from '../../../src/kernel/ids';
import { Users } from '../../../src/modules/identity';
import { UserStore } from '../../../src/modules/identity/accounts/application/ports';
import { UpdateAccountFlags } from '../../../src/modules/identity/accounts/application/update-account-flags';
import { PrincipalCache } from '../../../src/modules/identity/access/application/principal-cache';
import { ApiKeyStore } from '../../../src/modules/identity/access/application/ports';
import { systemActor } from '../../../src/kernel/actor';
import { until } from '../../support';
import { PASSWORD, IdentityWorld, type Browser, type TestUser } from './support/identity-world';

let w: IdentityWorld;

beforeAll(async () => {
  w = await IdentityWorld.start();
});
afterAll(() => w.close());
/** As in every process but the one that took the access away. */
beforeEach(() => void jest.spyOn(w.get(PrincipalCache), 'forgetIds').mockReturnValue(undefined));

let count = 0;
const write = (browser: Browser, tenant: TenantId) =>
  browser.ask(
    'POST',
    '/probe',
    { amount: '1.00', currency: 'USD' },
    { 'x-tenant-id': tenant, 'idempotency-key': `people-epoch-${++count}` },
  );
const read = (browser: Browser, tenant: TenantId) =>
  browser.ask('GET', '/probe', undefined, { 'x-tenant-id': tenant });

async function signedInUser() {
  const { id: tenant } = await w.tenant();
  const ann = await w.user([[tenant, 'operator']]);
  const browser = await w.signedIn(ann);
  expect((await write(browser, tenant)).status).toBe(201);
  return { tenant, ann, browser };
}

describe('a user whose principal another process has cached', () => {
  it.each<[string, number, (world: Awaited<ReturnType<typeof signedInUser>>) => Promise<unknown>]>([
    [
      'logged out',
      401,
      async ({ browser }) => {
        const there = w.browser();
        [there.cookie, there.csrf] = [browser.cookie, browser.csrf];
        return there.ask('POST', '/auth/logout');
      },
    ],
    [
      'had another user log in with the same browser',
      401,
      async ({ browser }) => {
        const there = w.browser();
        there.cookie = browser.cookie;
        return there.login(await w.user());
      },
    ],
    [
      'changed the password',
      401,
      async ({ ann }) =>
        (await w.signedIn(ann)).ask('POST', '/auth/change-password', {
          current_password: PASSWORD,
          new_password: 'eleven blue whales whistle',
        }),
    ],
    [
      'was disabled',
      401,
      ({ ann }) => w.get(UpdateAccountFlags).execute(ann.id, { isActive: false }, systemActor('test')),
    ],
    [
      'lost the membership',
      404,
      async ({ ann, tenant }) =>
        (await w.signedIn(await w.user([[tenant, 'tenant_admin']]))).ask('DELETE', `/users/${ann.id}`),
    ],
    [
      'got a role with fewer scopes',
      403,
      async ({ ann, tenant }) =>
        (await w.signedIn(await w.user([[tenant, 'tenant_admin']]))).ask('PATCH', `/users/${ann.id}`, {
          role: 'analyst',
        }),
    ],
  ])('who %s cannot write any more', async (_what, status, end) => {
    const world = await signedInUser();
    await end(world);
    const before = await w.t.effects(world.tenant);
    expect((await read(world.browser, world.tenant)).status).toBe(200);
    expect((await write(world.browser, world.tenant)).status).toBe(status);
    expect(await w.t.effects(world.tenant)).toBe(before);
  });

  it('is rejected although the epoch was read after the session, and bumped in between', async () => {
    const { id: tenant } = await w.tenant();
    const ann = await w.user([[tenant, 'operator']]);
    const browser = await w.signedIn(ann);
    const epochs = w.get(AccessEpochs);
    const current = epochs.current.bind(epochs);
    jest.spyOn(epochs, 'current').mockImplementationOnce(async (tx) => {
      await w.sql('DELETE FROM identity.sessions WHERE user_id = $1', [ann.id]);
      await w.sql(
        `INSERT INTO platform.access_epochs VALUES ($1, 7)
           ON CONFLICT (tenant_id) DO UPDATE SET epoch = access_epochs.epoch + 1`,
        [tenant],
      );
      return current(tx);
    });
    expect((await write(browser, tenant)).status).toBe(401);
  });
});

describe('a platform admin whose request was already authenticated', () => {
  const ended: [string, (admin: TestUser) => Promise<unknown>][] = [
    [
      'is demoted',
      ({ id }) => w.get(UpdateAccountFlags).execute(id, { isPlatformAdmin: false }, systemActor('test')),
    ],
    [
      'is disabled',
      ({ id }) => w.get(UpdateAccountFlags).execute(id, { isActive: false }, systemActor('test')),
    ],
    [
      'has the account taken over',
      ({ email }) => w.get(Users).create({ email, name: 'Root', isPlatformAdmin: true }),
    ],
    [
      'changes the password',
      async (admin) =>
        (await w.signedIn(admin)).ask('POST', '/auth/change-password', {
          current_password: PASSWORD,
          new_password: 'eleven blue whales whistle',
        }),
    ],
  ];

  it.each(ended)(
    'who %s before the write cannot invite a user, in a tenant where the admin is no member',
    async (_what, end) => {
      await w.user([], { isPlatformAdmin: true });
      const admin = await w.user([], { isPlatformAdmin: true });
      const [browser, { id: tenant }] = [await w.signedIn(admin), await w.tenant()];
      const users = w.get(UserStore);
      const ensure = users.ensure.bind(users);
      jest.spyOn(users, 'ensure').mockImplementationOnce(async (...of) => {
        const account = await ensure(...of);
        await outside(() => end(admin));
        return account;
      });
      const invited = await browser.ask(
        'POST',
        '/users',
        { email: `late-${++count}@example.com`, name: 'Late', role: 'tenant_admin' },
        { 'x-tenant-id': tenant },
      );
      expect(invited.status).toBe(401);
      expect(await w.sql('SELECT 1 FROM identity.memberships WHERE tenant_id = $1', [tenant])).toEqual([]);
    },
  );

  it.each(ended.slice(0, 3))(
    'who %s while creating a first key in a tenant leaves no key there',
    async (_what, end) => {
      await w.user([], { isPlatformAdmin: true });
      const admin = await w.user([], { isPlatformAdmin: true });
      const [browser, { id: tenant }] = [await w.signedIn(admin), await w.tenant()];
      const store = w.get(ApiKeyStore);
      const add = store.add.bind(store);
      let ends: Promise<unknown> | undefined;
      jest.spyOn(store, 'add').mockImplementationOnce(async (...of) => {
        await add(...of);
        ends = outside(() => end(admin));
        await outside(() => until('the end of access waits', async () => (await w.sql(WAITING)).length > 0));
      });
      const made = await browser.ask(
        'POST',
        '/api/v1/api-keys',
        { name: 'first', scopes: ['transfers:read'] },
        { 'x-tenant-id': tenant, 'idempotency-key': `people-epoch-${++count}` },
      );
      await ends;
      expect(made.status).toBe(201);
      expect(
        await w.sql('SELECT 1 FROM identity.api_keys WHERE tenant_id = $1 AND revoked_at IS NULL', [tenant]),
      ).toEqual([]);
    },
  );
});

/** A unit of work of its own, though it starts while another one is open. */
const outside = AsyncResource.bind(<T>(work: () => Promise<T>) => work());
const WAITING = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%_epoch%'`;
