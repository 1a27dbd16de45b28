import { newId } from '../../../src/kernel/ids';
import { type Caller, RailWorld } from '../connections/support/rail-world';

describe('the recipients API', () => {
  let world: RailWorld;
  let caller: Caller;

  beforeAll(async () => {
    world = await RailWorld.start();
    caller = await world.caller();
  });
  afterAll(() => world.close());

  const ann = {
    type: 'individual',
    name: 'Ann Example',
    country: 'de',
    external_id: 'ann',
    account_number: 'de89 3704 0044 0532 0130 00',
    bank_code: 'COBADEFFXXX',
  };
  const post = (payload: unknown, key?: string, by = caller) =>
    world.send(by, {
      method: 'POST',
      url: '/api/v1/recipients',
      payload: payload as object,
      headers: key ? { 'idempotency-key': key } : {},
    });
  const get = (path: string, by = caller) => world.send(by, { url: `/api/v1/recipients${path}` });

  it('stores the account number sealed and shows only its end', async () => {
    const response = await post(ann);
    expect(response.statusCode).toBe(201);
    const shown = response.json<Record<string, unknown>>();
    expect(shown).toMatchObject({
      type: 'INDIVIDUAL',
      name: 'Ann Example',
      country: 'DE',
      external_id: 'ann',
      account_number: '****3000',
      bank_code: 'COBADEFFXXX',
      is_active: true,
      metadata: {},
      connected_account: null,
    });
    expect(response.headers['location']).toBe(`/api/v1/recipients/${String(shown['id'])}`);
    expect((await get(`/${String(shown['id'])}`)).json()).toEqual(shown);
    const [row] = await world.rows<{ account_number: string }>(
      caller.tenant,
      `SELECT account_number FROM recipients.recipients WHERE external_id = 'ann'`,
    );
    expect(row?.account_number).not.toContain('0532');
    expect(world.logged.join()).not.toContain('0532');
  });

  it('hides at least four characters of a short account number', async () => {
    const masked = [];
    for (const account_number of ['1234', '12345', '1234567', '12345678']) {
      masked.push(
        (await post({ ...ann, external_id: newId(), account_number })).json<{ account_number: string }>()
          .account_number,
      );
    }
    expect(masked).toEqual(['****', '****5', '****567', '****5678']);
  });

  it('accepts an external id once, also for twenty concurrent requests', async () => {
    const responses = await Promise.all(
      Array.from({ length: 20 }, () =>
        post({ type: 'BUSINESS', name: 'Bob Ltd', country: 'US', external_id: 'bob' }),
      ),
    );
    expect(responses.filter((response) => response.statusCode === 201)).toHaveLength(1);
    expect(
      new Set(
        responses
          .filter((response) => response.statusCode !== 201)
          .map((response) => response.json<{ code: string }>().code),
      ),
    ).toEqual(new Set(['external_id_taken']));
    const other = await world.caller();
    expect(
      (await post({ type: 'BUSINESS', name: 'Bob Ltd', country: 'US', external_id: 'bob' }, undefined, other))
        .statusCode,
    ).toBe(201);
  });

  it('returns the first body for a repeated Idempotency-Key, and needs no key', async () => {
    const first = await post({ type: 'INDIVIDUAL', name: 'Cyn', country: 'US' }, 'recipient-cyn-1');
    const again = await post({ type: 'INDIVIDUAL', name: 'Cyn', country: 'US' }, 'recipient-cyn-1');
    expect([again.statusCode, again.body]).toEqual([200, first.body]);
    expect(
      (await post({ type: 'INDIVIDUAL', name: 'Other', country: 'US' }, 'recipient-cyn-1')).json(),
    ).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
  });

  it.each([
    [{ type: 'PERSON' }],
    [{ name: '' }],
    [{ name: '   ' }],
    [{ name: 'x'.repeat(201) }],
    [{ name: 'a\tb' }],
    [{ name: ['Ann'] }],
    [{ country: 'XX' }],
    [{ country: 'USA' }],
    [{ country: 7 }],
    [{ external_id: '' }],
    [{ external_id: null }],
    [{ account_number: '123' }],
    [{ account_number: 'x'.repeat(35) }],
    [{ account_number: '12-34;' }],
    [{ account_number: undefined }],
    [{ bank_code: 'A' }],
    [{ bank_code: undefined }],
    [{ is_active: 'true' }],
    [{ metadata: { a: 1 } }],
    [{ metadata: [] }],
    [{ tenant_id: newId() }],
    [{ id: newId() }],
    [{ account_tail: '99' }],
  ])('rejects %j', async (wrong) => {
    const response = await post({ ...ann, external_id: newId(), ...wrong });
    expect([response.statusCode, response.json<{ code: string }>().code]).toEqual([
      422,
      expect.stringMatching(/^(validation_failed|invalid_recipient)$/),
    ]);
  });

  it('changes only the fields that are sent', async () => {
    const { id } = (await post({ ...ann, external_id: 'dan', metadata: { team: 'north' } })).json<{
      id: string;
    }>();
    const patch = (payload: object) =>
      world.send(caller, { method: 'PATCH', url: `/api/v1/recipients/${id}`, payload });
    expect((await patch({ is_active: false })).json()).toMatchObject({
      is_active: false,
      name: 'Ann Example',
      account_number: '****3000',
      metadata: { team: 'north' },
    });
    expect((await patch({ name: 'Dan', account_number: '99998888', bank_code: 'XY' })).json()).toMatchObject({
      name: 'Dan',
      account_number: '****8888',
      is_active: false,
    });
    for (const wrong of [{ external_id: 'x' }, { name: null }, { account_number: '99998888' }])
      expect((await patch(wrong)).statusCode).toBe(422);
    expect((await get(`/${id}`)).json()).toMatchObject({ name: 'Dan', external_id: 'dan' });
  });

  it('lists newest first by cursor, with filters, forwards and backwards', async () => {
    const own = await world.caller();
    for (let n = 1; n <= 7; n++)
      await post(
        {
          type: n % 2 ? 'INDIVIDUAL' : 'BUSINESS',
          name: `R${n}`,
          country: n > 5 ? 'DE' : 'US',
          external_id: `r${n}`,
        },
        undefined,
        own,
      );
    type List = { results: { name: string }[]; next: string | null; previous: string | null };
    const list = async (url: string) => (await world.send(own, { url })).json<List>();
    const names = (page: List) => page.results.map((row) => row.name).join(' ');
    const first = await list('/api/v1/recipients?limit=3');
    expect([names(first), first.previous]).toEqual(['R7 R6 R5', null]);
    await post({ type: 'BUSINESS', name: 'R8', country: 'US' }, undefined, own);
    const second = await list(first.next as string);
    expect(names(second)).toBe('R4 R3 R2');
    expect(names(await list(second.previous as string))).toBe('R7 R6 R5');
    expect(names(await list('/api/v1/recipients?external_id=r4'))).toBe('R4');
    expect(names(await list('/api/v1/recipients?type=business&country=us'))).toBe('R8 R4 R2');
    expect(names(await list('/api/v1/recipients?is_active=false'))).toBe('');
    for (const wrong of ['limit=0', 'limit=101', 'country=usa', 'is_active=1', 'sort=name', 'external_id=']) {
      expect((await world.send(own, { url: `/api/v1/recipients?${wrong}` })).statusCode).toBe(422);
    }
    expect((await world.send(caller, { url: first.next as string })).json()).toMatchObject({
      status: 400,
      code: 'invalid_cursor',
    });
  });

  it('has no route to delete a recipient, and the login has no privilege for it', async () => {
    const { id } = (await post({ ...ann, external_id: newId() })).json<{ id: string }>();
    const response = await world.send(caller, { method: 'DELETE', url: `/api/v1/recipients/${id}` });
    expect([response.statusCode, response.headers['allow']]).toEqual([405, 'GET, HEAD, PATCH']);
    for (const table of ['recipients', 'connected_accounts', 'connected_account_changes']) {
      await expect(world.rows(caller.tenant, `DELETE FROM recipients.${table}`)).rejects.toThrow(
        'permission denied',
      );
    }
    expect((await get(`/${id}`)).statusCode).toBe(200);
  });

  it("returns the same response for another tenant's recipient as for an unknown id", async () => {
    const { id } = (await post({ ...ann, external_id: newId() })).json<{ id: string }>();
    const otherTenant = await world.caller();
    const [foreign, unknown] = [await get(`/${id}`, otherTenant), await get(`/${newId()}`, otherTenant)];
    const bodyOf = (response: typeof foreign) => ({
      ...response.json<object>(),
      instance: '',
      request_id: '',
    });
    expect([foreign.statusCode, bodyOf(foreign)]).toEqual([404, bodyOf(unknown)]);
    expect(
      (
        await world.send(otherTenant, {
          method: 'PATCH',
          url: `/api/v1/recipients/${id}`,
          payload: { name: 'Mine' },
        })
      ).statusCode,
    ).toBe(404);
    expect((await get('', otherTenant)).json()).toEqual({ results: [], next: null, previous: null });
  });

  it('needs the declared scopes', async () => {
    const reader = await world.caller(['recipients:read']);
    expect((await post(ann, undefined, reader)).json()).toMatchObject({
      status: 403,
      code: 'insufficient_scope',
    });
    expect((await get('', reader)).statusCode).toBe(200);
    expect((await world.app.inject({ url: '/api/v1/recipients' })).statusCode).toBe(401);
  });
});
