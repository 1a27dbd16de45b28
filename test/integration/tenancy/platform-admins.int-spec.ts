import { AsyncResource } from 'node:async_hooks';
import { AccessEpochs } from '../../../src/kernel/access-epochs';
import type { TenantId } from '../../../src/kernel/ids';
import { UpdateAccountFlags } from '../../../src/modules/identity/accounts/application/update-account-flags';
import { TenantStore } from '../../../src/modules/tenancy/application/ports';
import { TenantAdministration } from '../../../src/modules/tenancy/application/tenant-administration';
import { systemActor } from '../../../src/kernel/actor';
import { IdentityWorld, type Browser, type TestUser } from '../identity/support/identity-world';
import { until } from '../../support';

let w: IdentityWorld;
let admin: TestUser;
let browser: Browser;
let tenant: TenantId;
let count = 0;

beforeAll(async () => {
  w = await IdentityWorld.start();
  await w.user([], { isPlatformAdmin: true });
});
afterAll(() => w.close());
beforeEach(async () => {
  admin = await w.user([], { isPlatformAdmin: true });
  browser = await w.signedIn(admin);
  tenant = (await w.tenant()).id;
});
afterEach(() => jest.restoreAllMocks());

const disable = () => w.get(UpdateAccountFlags).execute(admin.id, { isActive: false }, systemActor('test'));
const demote = () =>
  w.get(UpdateAccountFlags).execute(admin.id, { isPlatformAdmin: false }, systemActor('test'));
const ask = (path: string, body: object) =>
  browser.ask('POST', path, body, { 'idempotency-key': `runners-${++count}` });
const statusOf = async () =>
  (await w.sql<{ status: string }>('SELECT status FROM tenancy.tenants WHERE id = $1', [tenant]))[0]?.status;

/** Between the authentication of the request and its transaction. */
function beforeIts(act: 'create' | 'suspend' | 'reactivate', end: () => Promise<unknown>): void {
  const running = w.get(TenantAdministration);
  const real = running[act].bind(running) as (...given: unknown[]) => Promise<never>;
  jest.spyOn(running, act as 'suspend').mockImplementationOnce(async (...given: unknown[]) => {
    await end();
    return real(...given);
  });
}

describe('a former platform admin', () => {
  it.each([
    ['is demoted', demote],
    ['is disabled', disable],
  ])(
    'who %s after the request was authenticated neither suspends nor reactivates a tenant',
    async (_what, end) => {
      beforeIts('suspend', end);
      expect((await ask(`/tenants/${tenant}/suspend`, { reason: 'late' })).status).toBe(401);
      expect(await statusOf()).toBe('active');
      admin = await w.user([], { isPlatformAdmin: true });
      browser = await w.signedIn(admin);
      expect((await ask(`/tenants/${tenant}/suspend`, { reason: 'in time' })).status).toBe(200);
      beforeIts('reactivate', end);
      expect((await ask(`/tenants/${tenant}/reactivate`, { reason: 'late' })).status).toBe(401);
      expect(await statusOf()).toBe('suspended');
    },
  );

  it('creates no tenant', async () => {
    beforeIts('create', demote);
    expect((await ask('/tenants', { name: 'Made too late' })).status).toBe(401);
    expect(await w.sql(`SELECT 1 FROM tenancy.tenants WHERE name = 'Made too late'`)).toEqual([]);
  });

  it('whose transaction has begun completes it, and the demotion waits', async () => {
    const tenants = w.get(TenantStore);
    const change = tenants.changeStatus.bind(tenants);
    let ended: Promise<unknown> | undefined;
    jest.spyOn(tenants, 'changeStatus').mockImplementationOnce(async (...of) => {
      ended = outside(demote);
      await outside(() => until('the end of access waits', async () => (await w.sql(WAITING)).length > 0));
      return change(...of);
    });
    expect((await ask(`/tenants/${tenant}/suspend`, { reason: 'in time' })).status).toBe(200);
    await ended;
    expect(await statusOf()).toBe('suspended');
    expect((await ask(`/tenants/${tenant}/reactivate`, { reason: 'late' })).status).toBe(401);
  });
});

describe('a platform admin', () => {
  it('completes a request although another platform admin was demoted meanwhile', async () => {
    const other = await w.user([], { isPlatformAdmin: true });
    beforeIts('suspend', () =>
      w.get(UpdateAccountFlags).execute(other.id, { isPlatformAdmin: false }, systemActor('test')),
    );
    expect((await ask(`/tenants/${tenant}/suspend`, { reason: 'in time' })).status).toBe(200);
    expect(await statusOf()).toBe('suspended');
  });

  it('is rejected although the epoch was read after the session', async () => {
    const epochs = w.get(AccessEpochs);
    const current = epochs.currentOfInstallation.bind(epochs);
    jest.spyOn(epochs, 'currentOfInstallation').mockImplementationOnce(async (tx) => {
      await outside(demote);
      return current(tx);
    });
    expect((await ask(`/tenants/${tenant}/suspend`, { reason: 'late' })).status).toBe(401);
    expect(await statusOf()).toBe('active');
  });
});

/** A unit of work of its own, though it starts while another one is open. */
const outside = AsyncResource.bind(<T>(work: () => Promise<T>) => work());
const WAITING = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'
  AND query LIKE '%installation_epoch%'`;
