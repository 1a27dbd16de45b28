import { AsyncResource } from 'node:async_hooks';
import type { TenantId } from '../../../src/kernel/ids';
import { ApiKeys, Users } from '../../../src/modules/identity';
import { ApiKeyStore } from '../../../src/modules/identity/access/application/ports';
import { PrincipalCache } from '../../../src/modules/identity/access/application/principal-cache';
import { AuditTrail } from '../../../src/platform/audit';
import { until } from '../../support';
import { IdentityWorld, type Browser, type TestUser } from './support/identity-world';

interface Key {
  readonly id: string;
  readonly secret: string;
}

let w: IdentityWorld;
let tenant: TenantId;
let boss: Browser;
let ann: TestUser;
let annsBrowser: Browser;
let count = 0;

beforeAll(async () => {
  w = await IdentityWorld.start();
});
afterAll(() => w.close());
/** As in every process but the one that took the access away: it remembers. */
beforeEach(async () => {
  jest.spyOn(w.get(PrincipalCache), 'forgetIds').mockReturnValue(undefined);
  tenant = (await w.tenant()).id;
  boss = await w.signedIn(await w.user([[tenant, 'tenant_admin']]));
  ann = await w.user([[tenant, 'tenant_admin']]);
  annsBrowser = await w.signedIn(ann);
});
afterEach(() => jest.restoreAllMocks());

const by = (who: Browser | Key, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) =>
  'secret' in who
    ? w.ask(method, `/api/v1${path}`, body, {
        'x-api-key': who.secret,
        'idempotency-key': `keys-end-${++count}`,
      })
    : who.ask(method, `/api/v1${path}`, body, {
        'x-tenant-id': tenant,
        'idempotency-key': `keys-end-${++count}`,
      });

async function make(who: Browser | Key, scopes = ['*']): Promise<Key> {
  const { status, body, text } = await by(who, 'POST', '/api-keys', { name: 'a key', scopes });
  if (status !== 201) throw new Error(text);
  return body as unknown as Key;
}

const root = async () => w.signedIn(await w.user([], { isPlatformAdmin: true }));
const disable = (admin: Browser, id: string) =>
  admin.ask('PATCH', `/platform-users/${id}`, { is_active: false });
const write = async (key: Key) =>
  (await by(key, 'POST', '/probe', { amount: '1.00', currency: 'USD' })).status;
const ended = (of: string) =>
  w.sql<{ entity_id: string; actor_kind: string; after: unknown }>(
    `SELECT entity_id, actor_kind, after FROM platform.audit_log WHERE tenant_id = $1
      AND action = 'api_key.revoked' AND after->>'of' = $2 ORDER BY entity_id`,
    [tenant, of],
  );

describe('the keys derived from a user', () => {
  it.each([
    ['removed from the tenant', 'user.removed', () => by(boss, 'DELETE', `/users/${ann.id}`)],
    [
      'disabled in the tenant',
      'user.changed',
      () => by(boss, 'PATCH', `/users/${ann.id}`, { is_active: false }),
    ],
    ['disabled in the installation', 'user.disabled', async () => disable(await root(), ann.id)],
  ])(
    'are revoked when the user is %s, with the keys derived from them, and the audit log names the cause',
    async (_how, cause, end) => {
      const made = await make(annsBrowser);
      const madeByIt = await make(made, ['settlements:*']);
      const ofBoss = await make(boss);
      for (const key of [made, madeByIt, ofBoss]) expect(await write(key)).toBe(201);
      expect((await end()).status).toBeLessThan(300);
      expect([await write(made), await write(madeByIt), await write(ofBoss)]).toEqual([401, 401, 201]);
      expect(await ended(ann.id)).toEqual(
        [made.id, madeByIt.id]
          .sort()
          .map((entity_id) => ({ entity_id, actor_kind: 'user', after: { cause, of: ann.id } })),
      );
    },
  );

  it('include the keys that the user rotated', async () => {
    const key = await make(boss);
    const rotated = (await by(annsBrowser, 'POST', `/api-keys/${key.id}/rotate`, {})).body as unknown as Key;
    expect(await write(rotated)).toBe(201);
    await by(boss, 'DELETE', `/users/${ann.id}`);
    expect(await write(rotated)).toBe(401);
  });

  it('of a platform admin are revoked in tenants where the admin is no member too', async () => {
    const admin = await w.user([], { isPlatformAdmin: true });
    const key = await make(await w.signedIn(admin), ['transfers:read']);
    const read = async () =>
      (
        await w.sql<{ revoked_at: Date | null }>('SELECT revoked_at FROM identity.api_keys WHERE id = $1', [
          key.id,
        ])
      )[0]?.revoked_at;
    expect(await read()).toBeNull();
    expect((await disable(await root(), admin.id)).status).toBe(204);
    expect(await read()).not.toBeNull();
    expect(await ended(admin.id)).toHaveLength(1);
  });

  it('of a disabled user are revoked with all other access of the user, or nothing is', async () => {
    const key = await make(annsBrowser);
    const admin = await root();
    const audit = w.get(AuditTrail);
    const real = audit.recordIn.bind(audit);
    const dying = jest.spyOn(audit, 'recordIn').mockImplementation(async (tx, of, actor, ...records) => {
      if (records.some(({ action }) => action === 'api_key.revoked')) throw new Error('the process dies');
      await real(tx, of, actor, ...records);
    });
    expect((await disable(admin, ann.id)).status).toBe(500);
    expect([await write(key), (await annsBrowser.ask('GET', '/auth/profile')).status]).toEqual([201, 200]);
    dying.mockRestore();
    expect((await disable(admin, ann.id)).status).toBe(204);
    expect([await write(key), (await annsBrowser.ask('GET', '/auth/profile')).status]).toEqual([401, 401]);
  });

  it('are revoked when the account is taken over for a platform admin', async () => {
    const key = await make(annsBrowser);
    await w.get(Users).create({ email: ann.email, name: 'Root', isPlatformAdmin: true });
    expect(await write(key)).toBe(401);
    expect(await ended(ann.id)).toEqual([
      { entity_id: key.id, actor_kind: 'system', after: { cause: 'user.promoted', of: ann.id } },
    ]);
  });

  it.each([
    ['is removed from the tenant', () => by(boss, 'DELETE', `/users/${ann.id}`)],
    ['is disabled in the installation', async () => disable(await root(), ann.id)],
  ])('include a key that is just being created when its creator %s', async (_how, end) => {
    const store = w.get(ApiKeyStore);
    const add = store.add.bind(store);
    let ends: Promise<unknown> | undefined;
    jest.spyOn(store, 'add').mockImplementationOnce(async (...of) => {
      await add(...of);
      ends = outside(end);
      await outside(() => until('the end of access waits', async () => (await w.sql(WAITING)).length > 0));
    });
    const key = await make(annsBrowser);
    await ends;
    expect(await write(key)).toBe(401);
  });
});

describe('many derived keys', () => {
  const deriveMany = (of: TenantId, expiresAt: string) =>
    w.sql(
      `INSERT INTO identity.api_keys (tenant_id, id, name, prefix, secret_hash, scopes, actor_chain, expires_at)
           SELECT $1, gen_random_uuid(), 'one of many', 'dk_A1b2C3d4', sha256(n::text::bytea), '{*}',
             ARRAY[$2::uuid], ${expiresAt} FROM generate_series(1, 200) n`,
      [of, ann.id],
    );

  it('are revoked with one statement per tenant, each recorded in its own tenant', async () => {
    const elsewhere = (await w.tenant()).id;
    for (const one of [tenant, elsewhere]) await deriveMany(one, 'NULL');
    const recording = jest.spyOn(w.get(AuditTrail), 'recordIn');
    expect((await disable(await root(), ann.id)).status).toBe(204);
    const ofKeys = recording.mock.calls.filter(([, , , one]) => one?.action === 'api_key.revoked');
    expect(ofKeys.map(([, one, , ...records]) => [one, records.length]).sort()).toEqual(
      [
        [tenant, 200],
        [elsewhere, 200],
      ].sort(),
    );
    const unrevoked = await w.sql<{ tenant_id: string; count: string }>(
      `SELECT l.tenant_id, count(*)::int AS count FROM platform.audit_log l JOIN identity.api_keys k
        ON k.id = l.entity_id::uuid AND k.tenant_id = l.tenant_id
        WHERE l.action = 'api_key.revoked' AND l.after->>'of' = $1 AND k.revoked_at IS NOT NULL GROUP BY 1`,
      [ann.id],
    );
    expect(unrevoked.map(({ tenant_id: of, count }) => [of, count]).sort()).toEqual(
      [
        [tenant, 200],
        [elsewhere, 200],
      ].sort(),
    );
  });

  it('that have expired are not changed, however many they are', async () => {
    await deriveMany(tenant, `now() - interval '1 second'`);
    const usable = await make(annsBrowser);
    expect((await disable(await root(), ann.id)).status).toBe(204);
    expect((await ended(ann.id)).map(({ entity_id }) => entity_id)).toEqual([usable.id]);
  });
});

describe('the keys derived from a user who gets fewer scopes', () => {
  it('are revoked where they have more scopes than the new role, and only there', async () => {
    const wide = await make(annsBrowser);
    const money = await make(annsBrowser, ['settlements:write', 'transfers:read']);
    const reads = await make(wide, ['transfers:read', 'settlements:read']);
    expect((await by(boss, 'PATCH', `/users/${ann.id}`, { role: 'analyst' })).status).toBe(200);
    const left = (
      await w.sql<{ id: string }>(
        'SELECT id FROM identity.api_keys WHERE tenant_id = $1 AND revoked_at IS NULL',
        [tenant],
      )
    ).map(({ id }) => id);
    expect(left).toEqual([reads.id]);
    expect((await ended(ann.id)).map(({ entity_id }) => entity_id)).toEqual([wide.id, money.id].sort());
    expect([await write(wide), await write(money)]).toEqual([401, 401]);
    await by(boss, 'PATCH', `/users/${ann.id}`, { role: 'tenant_admin' });
    expect(await write(wide)).toBe(401);
  });

  it('are revoked in every tenant where a demoted platform admin had no higher role, and only there', async () => {
    const admin = await w.user([[tenant, 'operator']], { isPlatformAdmin: true });
    const browser = await w.signedIn(admin);
    const elsewhere = (await w.tenant()).id;
    const inOther = await browser.ask(
      'POST',
      '/api/v1/api-keys',
      { name: 'a key', scopes: ['transfers:read'] },
      { 'x-tenant-id': elsewhere },
    );
    expect(inOther.status).toBe(201);
    const [asOperator, asAdministrator] = [
      await make(browser, ['transfers:read']),
      await make(browser, ['audit:read']),
    ];
    const epoch = async () =>
      (
        await w.sql<{ epoch: string }>('SELECT epoch FROM platform.access_epochs WHERE tenant_id = $1', [
          elsewhere,
        ])
      )[0]?.epoch;
    const before = Number(await epoch());
    expect(
      (await (await root()).ask('PATCH', `/platform-users/${admin.id}`, { is_platform_admin: false })).status,
    ).toBe(204);
    const left = await w.sql<{ id: string }>(
      'SELECT id FROM identity.api_keys WHERE $1 = ANY(actor_chain) AND revoked_at IS NULL',
      [admin.id],
    );
    expect(left).toEqual([{ id: asOperator.id }]);
    expect(Number(await epoch())).toBe(before + 1);
    expect(await ended(admin.id)).toEqual([
      { entity_id: asAdministrator.id, actor_kind: 'user', after: { cause: 'user.demoted', of: admin.id } },
    ]);
  });
});

describe('the keys derived from a key', () => {
  it('are revoked with it, by a caller or the command line, and not by a rotation', async () => {
    for (const revoke of [
      (id: string) => by(boss, 'DELETE', `/api-keys/${id}`),
      (id: string) => w.get(ApiKeys).revoke(tenant, id),
    ]) {
      const maker = await make(boss);
      const made = await make(maker, ['settlements:*']);
      const madeByThat = await make(await make(maker), ['settlements:*']);
      await by(boss, 'POST', `/api-keys/${maker.id}/rotate`, {});
      expect([await write(made), await write(madeByThat)]).toEqual([201, 201]);
      await revoke(maker.id);
      expect([await write(made), await write(madeByThat)]).toEqual([401, 401]);
      expect(await ended(maker.id)).toHaveLength(3);
      expect((await ended(maker.id))[0]).toMatchObject({ after: { cause: 'api_key.revoked', of: maker.id } });
    }
  });
});

/** A unit of work of its own, though it starts while another one is open. */
const outside = AsyncResource.bind(<T>(work: () => Promise<T>) => work());
const WAITING = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'
  AND query LIKE '%access_epochs%'`;
