import type { TenantId } from '../../../src/kernel/ids';
import { ApiKeys } from '../../../src/modules/identity';
import { sql } from '../../../src/platform/database';
import { IdentityWorld, type ApiResponse, type Browser } from '../identity/support/identity-world';

interface Shown {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly status: string;
  readonly created_at: string;
}

let w: IdentityWorld;
let admin: Browser;
let adminId: string;
let count = 0;

beforeAll(async () => {
  w = await IdentityWorld.start();
  const person = await w.user([], { isPlatformAdmin: true });
  adminId = person.id;
  admin = await w.signedIn(person);
});
afterAll(() => w.close());

const make = (name: string, key = `tenants-api-${++count}`, by = admin) =>
  by.ask('POST', '/tenants', { name }, { 'idempotency-key': key });
const made = async (name: string) => (await make(name)).body as unknown as Shown;
const list = async (query: string) => {
  const { status, body } = await admin.ask('GET', query.startsWith('/') ? query : `/tenants?${query}`);
  expect(status).toBe(200);
  return body as unknown as { results: Shown[]; next: string | null; previous: string | null };
};
const trail = (tenant: string) =>
  w.t.db.uow.run(tenant as TenantId, (tx) =>
    sql(tx).rows<{ action: string; actor_kind: string; actor_id: string; after: object }>({
      text: 'SELECT action, actor_kind, actor_id, after FROM platform.audit_log ORDER BY id',
      values: [],
    }),
  );

describe('creating a tenant', () => {
  it('returns the tenant with its location, and its audit log names the user', async () => {
    const response = await make('  Ärme & Söhne ');
    expect(response.status).toBe(201);
    const { id, ...rest } = response.body as unknown as Shown;
    expect(rest).toEqual({
      name: 'Ärme & Söhne',
      slug: `arme-sohne-${id.slice(-12)}`,
      status: 'active',
      created_at: expect.any(String) as string,
    });
    expect(response.headers['location']).toBe(`/api/v1/tenants/${id}`);
    expect((await admin.ask('GET', `/tenants/${id}`)).body).toEqual(response.body);
    expect(await trail(id)).toEqual([
      {
        action: 'tenant.created',
        actor_kind: 'user',
        actor_id: adminId,
        after: { name: 'Ärme & Söhne', slug: rest.slug },
      },
    ]);
  });

  it('takes effect once per key of a user, also eight at once, and rejects another name with that key', async () => {
    const responses = await Promise.all(Array.from({ length: 8 }, () => make('Once', 'once-and-no-more')));
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect(new Set(responses.map(({ text }) => text)).size).toBe(1);
    expect(responses.filter(({ headers }) => headers['idempotent-replayed'] === 'true')).toHaveLength(7);
    expect(await trail((responses[0] as ApiResponse).body['id'] as string)).toHaveLength(1);
    expect(await make('Twice', 'once-and-no-more')).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
    expect((await list('name=once')).results).toHaveLength(1);
    const other = await w.signedIn(await w.user([], { isPlatformAdmin: true }));
    expect((await make('Once', 'once-and-no-more', other)).status).toBe(201);
  });

  it('needs an idempotency key and a name', async () => {
    expect(await admin.ask('POST', '/tenants', { name: 'X' })).toMatchObject({
      status: 400,
      body: { code: 'idempotency_key_missing' },
    });
    for (const name of ['', '   ', 'x'.repeat(201), 'a\u0007b', 7])
      expect((await make(name as string)).status).toBe(422);
    expect(
      await admin.ask(
        'POST',
        '/tenants',
        { name: 'X', slug: 'mine' },
        { 'idempotency-key': 'an-unused-key' },
      ),
    ).toMatchObject({ status: 422 });
  });
});

describe('the list of tenants', () => {
  it('is read in pages forwards and backwards, newest first', async () => {
    const names = ['Paged 1', 'Paged 2', 'Paged 3'];
    for (const name of names) await made(name);
    const first = await list('name=paged&limit=2');
    const second = await list(first.next as string);
    expect([first, second].map(({ results }) => results.map(({ name }) => name))).toEqual([
      ['Paged 3', 'Paged 2'],
      ['Paged 1'],
    ]);
    expect([first.previous, second.next]).toEqual([null, null]);
    expect((await list(second.previous as string)).results).toEqual(first.results);
  });

  it('is filtered by status, by the start of the name and by the slug', async () => {
    const { id, slug } = await made('Narrow_100% Ltd');
    await made('Narrowed');
    await admin.ask('POST', `/tenants/${id}/suspend`, { reason: 'unpaid' });
    const ids = async (query: string) => (await list(query)).results.map((tenant) => tenant.id);
    expect(await ids('name=NARROW_1')).toEqual([id]);
    expect(await ids('status=suspended&name=narrow')).toEqual([id]);
    expect(await ids(`slug=${slug}`)).toEqual([id]);
    expect(await ids('name=other')).toEqual([]);
  });

  it('rejects a cursor of other filters, and an unknown filter', async () => {
    for (const name of ['Cursor 1', 'Cursor 2']) await made(name);
    const { next } = await list('name=cursor&limit=1');
    expect((await admin.ask('GET', (next as string).replace('name=cursor', 'name=cur'))).body).toMatchObject({
      code: 'invalid_cursor',
    });
    for (const query of ['status=gone', 'colour=red', 'limit=0', `name=${'x'.repeat(201)}`])
      expect((await admin.ask('GET', `/tenants?${query}`)).status).toBe(422);
  });
});

describe('suspending a tenant', () => {
  it('returns the tenant, also for a repeat, and reactivating undoes it; the audit log has each once', async () => {
    const { id } = await made('Suspended');
    const say = async (what: string, reason: string) =>
      (await admin.ask('POST', `/tenants/${id}/${what}`, { reason })).body;
    for (const reason of ['unpaid', 'said again'])
      expect(await say('suspend', reason)).toMatchObject({ id, status: 'suspended' });
    for (const reason of ['paid', 'said again'])
      expect(await say('reactivate', reason)).toMatchObject({ id, status: 'active' });
    expect(await trail(id)).toMatchObject([
      { action: 'tenant.created' },
      { action: 'tenant.suspended', actor_id: adminId, after: { status: 'suspended', reason: 'unpaid' } },
      { action: 'tenant.reactivated', actor_id: adminId, after: { status: 'active', reason: 'paid' } },
    ]);
  });

  it('of an unknown id returns 404, and without a reason 422', async () => {
    const unknown = '0198b0f2-7c1e-7b3a-9d55-000000000000';
    for (const what of ['suspend', 'reactivate']) {
      expect(await admin.ask('POST', `/tenants/${unknown}/${what}`, { reason: 'unpaid' })).toMatchObject({
        status: 404,
        body: { code: 'tenant_unknown' },
      });
      expect((await admin.ask('POST', `/tenants/${unknown}/${what}`, {})).status).toBe(422);
    }
    expect(await admin.ask('GET', `/tenants/${unknown}`)).toMatchObject({
      status: 404,
      body: { code: 'tenant_unknown' },
    });
    expect((await admin.ask('GET', '/tenants/x')).status).toBe(404);
  });

  it('rejects the writes of its keys and users, and reactivating accepts them again', async () => {
    const { id } = await made('In use');
    const key = await w.get(ApiKeys).create(id as TenantId, 'test', ['*']);
    const ann = await w.signedIn(await w.user([[id as TenantId, 'operator']]));
    const writes = async () => {
      const body = { amount: '1.00', currency: 'USD' };
      const asKey = await w.ask('POST', '/probe', body, {
        'x-api-key': key.secret,
        'idempotency-key': `in-use-${++count}`,
      });
      const asAnn = await ann.ask('POST', '/probe', body, {
        'x-tenant-id': id,
        'idempotency-key': `in-use-${++count}`,
      });
      return [asKey, asAnn].map(({ status, body: { code } }) => [status, code]);
    };
    expect(await writes()).toEqual([
      [201, undefined],
      [201, undefined],
    ]);
    await admin.ask('POST', `/tenants/${id}/suspend`, { reason: 'unpaid' });
    expect(await writes()).toEqual([
      [403, 'tenant_suspended'],
      [403, 'tenant_suspended'],
    ]);
    await admin.ask('POST', `/tenants/${id}/reactivate`, { reason: 'paid' });
    expect(await writes()).toEqual([
      [201, undefined],
      [201, undefined],
    ]);
  });
});

describe('the routes of tenants', () => {
  it('are closed to tenant administrators and to keys', async () => {
    const { id } = await made('Own');
    const owner = await w.signedIn(await w.user([[id as TenantId, 'tenant_admin']]));
    const { secret } = await w.t.caller(['*']);
    const requests = [
      ['POST', '/tenants'],
      ['GET', '/tenants'],
      ['GET', `/tenants/${id}`],
      ['POST', `/tenants/${id}/suspend`],
      ['POST', `/tenants/${id}/reactivate`],
    ] as const;
    for (const [method, path] of requests) {
      const body = method === 'POST' ? { name: 'X', reason: 'mine' } : undefined;
      const key = { 'idempotency-key': 'a-key-of-a-stranger' };
      expect((await owner.ask(method, path, body, key)).body).toMatchObject({
        status: 403,
        code: 'insufficient_scope',
      });
      expect((await w.ask(method, path, body, { ...key, 'x-api-key': secret })).body).toMatchObject({
        status: 403,
        code: 'user_required',
      });
      expect((await w.ask(method, path, body, key)).status).toBe(401);
    }
  });
});
