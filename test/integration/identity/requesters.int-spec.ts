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
import { PASSWORD, PeopleWorld, type Browser, type Person } from './support/identity-world';

const NEXT = 'eleven blue whales whistle';

let w: PeopleWorld;
let tenant: TenantId;
let boss: Browser;
let root: Browser;
let count = 0;

beforeAll(async () => {
  w = await PeopleWorld.start();
  root = await w.inside(await w.person([], { isPlatformAdmin: true }));
});
afterAll(() => w.close());
beforeEach(async () => {
  tenant = (await w.tenant()).id;
  boss = await w.inside(await w.person([[tenant, 'tenant_admin']]));
});
afterEach(() => jest.restoreAllMocks());

type Ask = (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) => ReturnType<Browser['ask']>;

interface Asker {
  readonly id: string;
  readonly ask: Ask;
}

const by =
  (browser: Browser): Ask =>
  (method, path, body) =>
    browser.ask(method, path, body, { 'x-tenant-id': tenant, 'idempotency-key': `askers-${++count}` });

async function person(
  isPlatformAdmin = false,
  role: 'tenant_admin' | null = 'tenant_admin',
): Promise<Asker & Person> {
  const ann = await w.person(role ? [[tenant, role]] : [], { isPlatformAdmin });
  return { ...ann, ask: by(await w.inside(ann)) };
}

async function keyOf(maker: Ask, more: object = {}): Promise<Asker> {
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
async function askedBy({ ask }: Pick<Asker, 'ask'>) {
  const email = `bob-${++count}@example.com`;
  const invited = (await ask('POST', '/users', { email, name: 'Bob', role: 'read_only' })).body as {
    user_id: string;
    token: string;
  };
  const eve = await w.person([[tenant, 'read_only']]);
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
const logsIn = async (who: Person, password: string) =>
  (await w.browser().login(who, { password })).status === 200;

async function endsWith(asked: Awaited<ReturnType<typeof askedBy>>): Promise<void> {
  expect((await accept(asked.invitation)).body['code']).toBe('invalid_token');
  expect((await reset(asked.reset)).body['code']).toBe('invalid_token');
  expect([
    await stateOf(asked.bob.id),
    await logsIn(asked.bob, NEXT),
    await logsIn(asked.eve, NEXT),
    await logsIn(asked.eve, PASSWORD),
  ]).toEqual(['invited', false, false, true]);
}

async function stands(asked: Awaited<ReturnType<typeof askedBy>>): Promise<void> {
  expect([(await accept(asked.invitation)).status, (await reset(asked.reset)).status]).toEqual([204, 204]);
  expect([await stateOf(asked.bob.id), await logsIn(asked.bob, NEXT), await logsIn(asked.eve, NEXT)]).toEqual(
    ['active', true, true],
  );
}

describe('an invitation and a reset', () => {
  it('are worth nothing while their tenant is suspended, and stand when it is active again', async () => {
    const asked = await askedBy(await person());
    const turned = (to: 'suspend' | 'reactivate') =>
      root.ask('POST', `/tenants/${tenant}/${to}`, { reason: 'an unpaid invoice' });
    expect((await turned('suspend')).status).toBe(200);
    expect([(await accept(asked.invitation)).body['code'], (await reset(asked.reset)).body['code']]).toEqual([
      'invalid_token',
      'invalid_token',
    ]);
    expect((await turned('reactivate')).status).toBe(200);
    await stands(asked);
  });

  it.each<[string, (ann: Asker) => ReturnType<Ask>]>([
    ['was taken out of the tenant', (ann) => by(boss)('DELETE', `/users/${ann.id}`)],
    ['was disabled in the tenant', (ann) => by(boss)('PATCH', `/users/${ann.id}`, { is_active: false })],
    [
      'may let nobody in any more, though more than their person',
      (ann) => by(boss)('PATCH', `/users/${ann.id}`, { role: 'operator' }),
    ],
    [
      'was shut out of the installation',
      (ann) => root.ask('PATCH', `/platform-users/${ann.id}`, { is_active: false }),
    ],
  ])('end with somebody who asked for them and %s', async (_what, end) => {
    const ann = await person();
    const asked = await askedBy(ann);
    expect((await end(ann)).status).toBeLessThan(300);
    await endsWith(asked);
  });

  it('end with an administrator of the installation who asked for them and is demoted, unless they are an administrator of the tenant too', async () => {
    const [stranger, member] = [await person(true, null), await person(true)];
    const [ended, standing] = [await askedBy(stranger), await askedBy(member)];
    for (const { id } of [stranger, member])
      expect((await root.ask('PATCH', `/platform-users/${id}`, { is_platform_admin: false })).status).toBe(
        204,
      );
    await endsWith(ended);
    await stands(standing);
  });

  it('end with the key that asked for them: revoked, gone with its maker, or over', async () => {
    const ann = await person();
    const [revoked, ofAnn, over] = [await keyOf(by(boss)), await keyOf(ann.ask), await keyOf(by(boss))];
    const asked = [await askedBy(revoked), await askedBy(ofAnn), await askedBy(over)];
    expect((await by(boss)('DELETE', `/api/v1/api-keys/${revoked.id}`)).status).toBeLessThan(300);
    expect((await by(boss)('DELETE', `/users/${ann.id}`)).status).toBe(204);
    await w.sql('UPDATE identity.api_keys SET expires_at = now() WHERE id = $1', [over.id]);
    for (const one of asked) await endsWith(one);
  });

  it('stand while whoever asked for them could ask again, with a person or a key', async () => {
    await stands(await askedBy({ ask: by(boss) }));
    await stands(await askedBy(await keyOf(by(boss))));
    await stands(await askedBy(await person(true, null)));
  });

  it('stand where the command line asked, which nobody is taken out of', async () => {
    const { token, userId } = await w.invited(tenant, `bob-${++count}@example.com`, 'tenant_admin');
    expect((await accept(token)).status).toBe(204);
    expect(await stateOf(userId)).toBe('active');
  });
});

describe('at the moment when its person is shut out', () => {
  it('an invitation whose password was just chosen lets nobody in, and does once they are let in again', async () => {
    const { bob, invitation } = await askedBy(await person());
    const memberships = w.get(MembershipStore);
    const take = memberships.takeInvitation.bind(memberships);
    const standing = (is_active: boolean) =>
      outside(() => root.ask('PATCH', `/platform-users/${bob.id}`, { is_active }));
    jest.spyOn(memberships, 'takeInvitation').mockImplementationOnce(async (...of) => {
      expect((await standing(false)).status).toBe(204);
      return take(...of);
    });
    expect((await accept(invitation)).body['code']).toBe('invalid_token');
    expect(await stateOf(bob.id)).toBe('invited');
    expect((await standing(true)).status).toBe(204);
    expect([(await accept(invitation)).status, await stateOf(bob.id)]).toEqual([204, 'active']);
  });
});

describe('at the moment when its asker is taken out', () => {
  it('an invitation whose password was just chosen lets nobody in', async () => {
    const ann = await person();
    const { bob, invitation } = await askedBy(ann);
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

  /** Takes the asker out in the middle of `step`, which goes on once that waits. */
  function removedDuring(
    step: 'changePassword' | 'deleteResets',
    ann: Asker,
  ): { removal: ReturnType<Ask> | undefined } {
    const store = step === 'changePassword' ? w.get(UserStore) : w.get(OneTimeTokenStore);
    const real = (store as never)[step] as (...given: unknown[]) => Promise<never>;
    const race: { removal: ReturnType<Ask> | undefined } = { removal: undefined };
    jest
      .spyOn(store as OneTimeTokenStore, step as 'deleteResets')
      .mockImplementationOnce(async (...given: unknown[]) => {
        race.removal = outside(() => by(boss)('DELETE', `/users/${ann.id}`));
        await outside(() =>
          until('whoever takes them out waits', async () => (await w.sql(WAITING)).length > 0),
        );
        return real.apply(store, given);
      });
    return race;
  }

  it('a reset that was decided is done first: whoever takes them out waits', async () => {
    const ann = await person();
    const { eve, reset: token } = await askedBy(ann);
    const race = removedDuring('changePassword', ann);
    expect((await reset(token)).status).toBe(204);
    expect([(await race.removal)?.status, await logsIn(eve, NEXT)]).toEqual([204, true]);
  });

  it('an invitation is entered before, or not at all', async () => {
    const ann = await person();
    const { bob, invitation } = await askedBy(ann);
    const race = removedDuring('deleteResets', ann);
    const { status } = await accept(invitation);
    expect((await race.removal)?.status).toBe(204);
    expect([
      [204, 'active'],
      [503, 'invited'],
    ]).toContainEqual([status, await stateOf(bob.id)]);
  });

  it('a reset whose password was being hashed changes nothing', async () => {
    const ann = await person();
    const { eve, reset: token } = await askedBy(ann);
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
