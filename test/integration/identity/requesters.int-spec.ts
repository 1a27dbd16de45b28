import { AsyncResource } from 'node:async_hooks';
import { AccessEpochs } from '../../../src/kernel/access-epochs';
import type { TenantId } from '../../../src/kernel/ids';
import {
  OneTimeTokenStore,
  PasswordHasher,
  UserStore,
} from '../../../src/modules/identity/accounts/application/ports';
import { MembershipStore } from '../../../src/modules/identity/members/application/ports';
import { until } from '../../support';
import { PASSWORD, IdentityWorld, type Browser, type TestUser } from './support/identity-world';

const NEXT = 'eleven blue whales whistle';

let w: IdentityWorld;
let tenant: TenantId;
let boss: Browser;
let root: Browser;
let count = 0;

beforeAll(async () => {
  w = await IdentityWorld.start();
  root = await w.signedIn(await w.user([], { isPlatformAdmin: true }));
});
afterAll(() => w.close());
beforeEach(async () => {
  tenant = (await w.tenant()).id;
  boss = await w.signedIn(await w.user([[tenant, 'tenant_admin']]));
});
afterEach(() => jest.restoreAllMocks());

type Ask = (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) => ReturnType<Browser['ask']>;

interface Requester {
  readonly id: string;
  readonly ask: Ask;
}

const by =
  (browser: Browser): Ask =>
  (method, path, body) =>
    browser.ask(method, path, body, { 'x-tenant-id': tenant, 'idempotency-key': `requesters-${++count}` });

async function person(
  isPlatformAdmin = false,
  role: 'tenant_admin' | null = 'tenant_admin',
): Promise<Requester & TestUser> {
  const ann = await w.user(role ? [[tenant, role]] : [], { isPlatformAdmin });
  return { ...ann, ask: by(await w.signedIn(ann)) };
}

async function keyOf(maker: Ask, more: object = {}): Promise<Requester> {
  const { body, text } = await maker('POST', '/api/v1/api-keys', {
    name: 'inviting',
    scopes: ['*'],
    ...more,
  });
  if (!body['secret']) throw new Error(text);
  return {
    id: String(body['id']),
    ask: (method, path, given) => w.ask(method, path, given, { 'x-api-key': String(body['secret']) }),
  };
}

/** An invitation and a reset, each with what its person could do before it was used. */
async function requestedBy({ ask }: Pick<Requester, 'ask'>) {
  const email = `bob-${++count}@example.com`;
  const invited = (await ask('POST', '/users', { email, name: 'Bob', role: 'read_only' })).body as {
    user_id: string;
    token: string;
  };
  const eve = await w.user([[tenant, 'read_only']]);
  const { token } = (await ask('POST', `/users/${eve.id}/reset-password`)).body as { token: string };
  return { bob: { id: invited.user_id, email }, invitation: invited.token, eve, reset: token };
}

const accept = (token: string) => w.ask('POST', '/auth/accept-invitation', { token, password: NEXT });
const reset = (token: string) => w.ask('POST', '/auth/reset-password', { token, password: NEXT });
const stateOf = async (id: string) =>
  (
    await w.sql<{ state: string }>(
      'SELECT state FROM identity.memberships WHERE user_id = $1 AND tenant_id = $2',
      [id, tenant],
    )
  )[0]?.state;
const logsIn = async (who: TestUser, password: string) =>
  (await w.browser().login(who, { password })).status === 200;

async function areRejected(requested: Awaited<ReturnType<typeof requestedBy>>): Promise<void> {
  expect((await accept(requested.invitation)).body['code']).toBe('invalid_token');
  expect((await reset(requested.reset)).body['code']).toBe('invalid_token');
  expect([
    await stateOf(requested.bob.id),
    await logsIn(requested.bob, NEXT),
    await logsIn(requested.eve, NEXT),
    await logsIn(requested.eve, PASSWORD),
  ]).toEqual(['invited', false, false, true]);
}

async function areAccepted(requested: Awaited<ReturnType<typeof requestedBy>>): Promise<void> {
  expect([(await accept(requested.invitation)).status, (await reset(requested.reset)).status]).toEqual([
    204, 204,
  ]);
  expect([
    await stateOf(requested.bob.id),
    await logsIn(requested.bob, NEXT),
    await logsIn(requested.eve, NEXT),
  ]).toEqual(['active', true, true]);
}

describe('an invitation and a reset', () => {
  it('are rejected while their tenant is suspended, and accepted when it is active again', async () => {
    const requested = await requestedBy(await person());
    const turned = (to: 'suspend' | 'reactivate') =>
      root.ask('POST', `/tenants/${tenant}/${to}`, { reason: 'an unpaid invoice' });
    expect((await turned('suspend')).status).toBe(200);
    expect([
      (await accept(requested.invitation)).body['code'],
      (await reset(requested.reset)).body['code'],
    ]).toEqual(['invalid_token', 'invalid_token']);
    expect((await turned('reactivate')).status).toBe(200);
    await areAccepted(requested);
  });

  it.each<[string, (ann: Requester) => ReturnType<Ask>]>([
    ['was removed from the tenant', (ann) => by(boss)('DELETE', `/users/${ann.id}`)],
    ['was disabled in the tenant', (ann) => by(boss)('PATCH', `/users/${ann.id}`, { is_active: false })],
    [
      'lost the scope to invite, though the role has more scopes than that of the user',
      (ann) => by(boss)('PATCH', `/users/${ann.id}`, { role: 'operator' }),
    ],
    [
      'was disabled in the installation',
      (ann) => root.ask('PATCH', `/platform-users/${ann.id}`, { is_active: false }),
    ],
  ])('are rejected after their requester %s', async (_what, end) => {
    const ann = await person();
    const requested = await requestedBy(ann);
    expect((await end(ann)).status).toBeLessThan(300);
    await areRejected(requested);
  });

  it('are rejected after their platform admin was demoted, unless the admin administers the tenant too', async () => {
    const [stranger, member] = [await person(true, null), await person(true)];
    const [rejected, accepted] = [await requestedBy(stranger), await requestedBy(member)];
    for (const { id } of [stranger, member])
      expect((await root.ask('PATCH', `/platform-users/${id}`, { is_platform_admin: false })).status).toBe(
        204,
      );
    await areRejected(rejected);
    await areAccepted(accepted);
  });

  it('are rejected after their key was revoked, directly or with its creator, or expired', async () => {
    const ann = await person();
    const [revoked, ofAnn, over] = [await keyOf(by(boss)), await keyOf(ann.ask), await keyOf(by(boss))];
    const requested = [await requestedBy(revoked), await requestedBy(ofAnn), await requestedBy(over)];
    expect((await by(boss)('DELETE', `/api/v1/api-keys/${revoked.id}`)).status).toBeLessThan(300);
    expect((await by(boss)('DELETE', `/users/${ann.id}`)).status).toBe(204);
    await w.sql('UPDATE identity.api_keys SET expires_at = now() WHERE id = $1', [over.id]);
    for (const one of requested) await areRejected(one);
  });

  it('are accepted while their requester, a user or a key, could request them again', async () => {
    await areAccepted(await requestedBy({ ask: by(boss) }));
    await areAccepted(await requestedBy(await keyOf(by(boss))));
    await areAccepted(await requestedBy(await person(true, null)));
  });

  it('of the command line are always accepted', async () => {
    const { token, userId } = await w.invited(tenant, `bob-${++count}@example.com`, 'tenant_admin');
    expect((await accept(token)).status).toBe(204);
    expect(await stateOf(userId)).toBe('active');
  });
});

describe('when a user is disabled at that moment', () => {
  it('an invitation whose password was just chosen is rejected, and accepted once the user is enabled', async () => {
    const { bob, invitation } = await requestedBy(await person());
    const memberships = w.get(MembershipStore);
    const take = memberships.takeInvitation.bind(memberships);
    const setActive = (is_active: boolean) =>
      outside(() => root.ask('PATCH', `/platform-users/${bob.id}`, { is_active }));
    jest.spyOn(memberships, 'takeInvitation').mockImplementationOnce(async (...of) => {
      expect((await setActive(false)).status).toBe(204);
      return take(...of);
    });
    expect((await accept(invitation)).body['code']).toBe('invalid_token');
    expect(await stateOf(bob.id)).toBe('invited');
    expect((await setActive(true)).status).toBe(204);
    expect([(await accept(invitation)).status, await stateOf(bob.id)]).toEqual([204, 'active']);
  });
});

describe('when a requester is removed at that moment', () => {
  it('an invitation whose password was just chosen is rejected', async () => {
    const ann = await person();
    const { bob, invitation } = await requestedBy(ann);
    const epochs = w.get(AccessEpochs);
    const hold = epochs.lock.bind(epochs);
    jest.spyOn(epochs, 'lock').mockImplementationOnce(async (...of) => {
      await outside(() => by(boss)('DELETE', `/users/${ann.id}`));
      return hold(...of);
    });
    expect((await accept(invitation)).body).toMatchObject({ status: 503, code: 'access_changed' });
    expect(await stateOf(bob.id)).toBe('invited');
    expect((await accept(invitation)).body['code']).toBe('invalid_token');
    expect(await stateOf(bob.id)).toBe('invited');
  });

  /** Removes the requester during `step`, which continues once the removal waits. */
  function removedDuring(
    step: 'changePassword' | 'deleteResets',
    ann: Requester,
  ): { removal: ReturnType<Ask> | undefined } {
    const store = step === 'changePassword' ? w.get(UserStore) : w.get(OneTimeTokenStore);
    const real = (store as never)[step] as (...given: unknown[]) => Promise<never>;
    const race: { removal: ReturnType<Ask> | undefined } = { removal: undefined };
    jest
      .spyOn(store as OneTimeTokenStore, step as 'deleteResets')
      .mockImplementationOnce(async (...given: unknown[]) => {
        race.removal = outside(() => by(boss)('DELETE', `/users/${ann.id}`));
        await outside(() => until('the removal waits', async () => (await w.sql(WAITING)).length > 0));
        return real.apply(store, given);
      });
    return race;
  }

  it('a reset that was already checked is completed first, and the removal waits', async () => {
    const ann = await person();
    const { eve, reset: token } = await requestedBy(ann);
    const race = removedDuring('changePassword', ann);
    expect((await reset(token)).status).toBe(204);
    expect([(await race.removal)?.status, await logsIn(eve, NEXT)]).toEqual([204, true]);
  });

  it('an invitation is accepted before the removal, or not at all', async () => {
    const ann = await person();
    const { bob, invitation } = await requestedBy(ann);
    const race = removedDuring('deleteResets', ann);
    const { status } = await accept(invitation);
    expect((await race.removal)?.status).toBe(204);
    expect([
      [204, 'active'],
      [503, 'invited'],
    ]).toContainEqual([status, await stateOf(bob.id)]);
  });

  it('a reset whose password was being hashed is rejected', async () => {
    const ann = await person();
    const { eve, reset: token } = await requestedBy(ann);
    const hasher = w.get(PasswordHasher);
    const hash = hasher.hash.bind(hasher);
    jest.spyOn(hasher, 'hash').mockImplementationOnce(async (password) => {
      await by(boss)('DELETE', `/users/${ann.id}`);
      return hash(password);
    });
    expect((await reset(token)).body['code']).toBe('invalid_token');
    expect([await logsIn(eve, PASSWORD), await logsIn(eve, NEXT)]).toEqual([true, false]);
  });
});

/** A unit of work of its own, though it starts while another one is open. */
const outside = AsyncResource.bind(<T>(work: () => Promise<T>) => work());
const WAITING = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'
  AND query LIKE '%access_epochs%'`;
