import { AccessEpochs } from '../../../src/kernel/access-epochs';
import type { TenantId } from '../../../src/kernel/ids';
import { PlatformUsers } from '../../../src/modules/identity/application/platform-users';
import { KnownKeys } from '../../../src/modules/identity/application/known-keys';
import { systemActor } from '../../../src/platform/http';
import { PASSWORD, PeopleWorld, type Browser } from './support/people-world';

let w: PeopleWorld;

beforeAll(async () => {
  w = await PeopleWorld.start();
});
afterAll(() => w.close());
/** As in every process but the one that took the access away. */
beforeEach(() => void jest.spyOn(w.get(KnownKeys), 'forgetIds').mockReturnValue(undefined));

let count = 0;
const write = (browser: Browser, tenant: TenantId) =>
  browser.ask('POST', '/probe', { amount: '1.00', currency: 'USD' }, { 'x-tenant-id': tenant, 'idempotency-key': `people-epoch-${++count}` });
const read = (browser: Browser, tenant: TenantId) => browser.ask('GET', '/probe', undefined, { 'x-tenant-id': tenant });

async function known() {
  const { id: tenant } = await w.tenant();
  const ann = await w.person([[tenant, 'operator']]);
  const browser = await w.inside(ann);
  expect((await write(browser, tenant)).status).toBe(201);
  return { tenant, ann, browser };
}

describe('a person whom another process still remembers', () => {
  it.each<[string, number, (world: Awaited<ReturnType<typeof known>>) => Promise<unknown>]>([
    ['logged out', 401, async ({ browser }) => {
      const there = w.browser();
      [there.cookie, there.csrf] = [browser.cookie, browser.csrf];
      return there.ask('POST', '/auth/logout');
    }],
    ['whose browser somebody else logged in with', 401, async ({ browser }) => {
      const there = w.browser();
      there.cookie = browser.cookie;
      return there.login(await w.person());
    }],
    ['changed the password', 401, async ({ ann }) => (await w.inside(ann)).ask('POST', '/auth/change-password', { current_password: PASSWORD, new_password: 'eleven blue whales whistle' })],
    ['was shut out', 401, ({ ann }) => w.get(PlatformUsers).change(ann.id, { isActive: false }, systemActor('test'))],
    ['lost the membership', 404, async ({ ann, tenant }) => (await w.inside(await w.person([[tenant, 'tenant_admin']]))).ask('DELETE', `/users/${ann.id}`)],
    ['got a role that may less', 403, async ({ ann, tenant }) => (await w.inside(await w.person([[tenant, 'tenant_admin']]))).ask('PATCH', `/users/${ann.id}`, { role: 'analyst' })],
  ])('and who %s writes nothing any more', async (_what, status, end) => {
    const world = await known();
    await end(world);
    const before = await w.t.effects(world.tenant);
    expect((await read(world.browser, world.tenant)).status).toBe(200);
    expect((await write(world.browser, world.tenant)).status).toBe(status);
    expect(await w.t.effects(world.tenant)).toBe(before);
  });

  it('is not vouched for by an epoch that was read after the session and raised in between', async () => {
    const { id: tenant } = await w.tenant();
    const ann = await w.person([[tenant, 'operator']]);
    const browser = await w.inside(ann);
    const epochs = w.get(AccessEpochs);
    const current = epochs.current.bind(epochs);
    jest.spyOn(epochs, 'current').mockImplementationOnce(async (tx) => {
      await w.sql('DELETE FROM identity.sessions WHERE user_id = $1', [ann.id]);
      await w.sql('INSERT INTO platform.access_epochs VALUES ($1, 7) ON CONFLICT (tenant_id) DO UPDATE SET epoch = access_epochs.epoch + 1', [tenant]);
      return current(tx);
    });
    expect((await write(browser, tenant)).status).toBe(401);
  });
});
