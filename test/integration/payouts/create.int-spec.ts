import { startApp, type TestApp, type TestTenant } from '../../support';
import { requestPayout, newKey, pay, type PayoutJson, getPayout } from './support/payouts';

/** Only the API runs here, so that new payouts stay NEW. */
describe('Creating a payout', () => {
  let world: TestApp;
  let tenant: TestTenant;
  let ann: string;

  beforeAll(async () => {
    world = await startApp({ env: { ROLES: 'api' } });
    tenant = await world.tenant();
    ann = (await tenant.recipients(['ann'])).get('ann') as string;
  });
  afterAll(() => world.close());

  const payouts = async (of = tenant) =>
    (await of.get<{ results: PayoutJson[] }>('/payouts?limit=100')).results;

  it('returns the new payout, and the same bytes for a repeat', async () => {
    const order = { recipient_id: ann, amount: '100.50', currency: 'usd', idempotency_key: 'unique-key-123' };
    const first = await tenant.call<PayoutJson>('POST', '/payouts', order);
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({
      recipient_id: ann,
      amount: '100.50',
      currency: 'USD',
      status: 'NEW',
      rail: 'stripe',
      recipient_name_snapshot: 'ann',
      account_number_snapshot: '****0000',
      bank_code_snapshot: '021000021',
      reason: null,
      transfer_id: null,
    });
    expect(first.body.created_at).toBe(first.body.updated_at);
    expect(first.headers.get('location')).toBe(`/api/v1/payouts/${first.body.id}`);
    const again = await tenant.call('POST', '/payouts', { ...order, idempotency_key: ' unique-key-123 ' });
    expect([again.status, again.text, again.headers.get('idempotent-replayed')]).toEqual([
      200,
      first.text,
      'true',
    ]);
    const { idempotency_key: _key, ...content } = order;
    const byHeader = await tenant.call('POST', '/payouts', content, { 'Idempotency-Key': 'unique-key-123' });
    expect([byHeader.status, byHeader.text]).toEqual([200, first.text]);
    expect(await getPayout(tenant, first.body.id)).toEqual(first.body);
  });

  it('posts the ledger entry and writes an audit record', async () => {
    const payer = await world.tenant();
    const bob = (await payer.recipients(['bob'])).get('bob') as string;
    const { id } = await pay(payer, bob, '7.25');
    const { results: entries } = await payer.get<{ results: { reference: string; postings: object[] }[] }>(
      '/ledger/entries',
    );
    expect(entries).toMatchObject([{ reference: `payout:${id}:requested`, kind: 'payout_requested' }]);
    const { results: accounts } = await payer.get<{
      results: { kind: string; purpose: string | null; balance: string }[];
    }>('/ledger/accounts');
    expect(accounts.map(({ kind, purpose, balance }) => [kind, purpose, balance]).sort()).toEqual([
      ['funding', null, '-7.25'],
      ['payable', 'payout', '7.25'],
    ]);
    const { results: records } = await payer.get<{ results: object[] }>(
      `/audit-log?entity_kind=payout&entity_id=${id}`,
    );
    expect(records).toMatchObject([
      {
        action: 'payout.created',
        after: { recipient_id: bob, amount: '7.25', currency: 'USD', rail: 'stripe' },
      },
    ]);
    expect((await payer.verify()).balanced).toBe(true);
  });

  it('creates one payout from fifty concurrent requests with one key in two processes', async () => {
    const other = await startApp({ beside: world, env: { ROLES: 'api' } });
    const payer = await world.tenant();
    const elsewhere = Object.assign(Object.create(payer) as TestTenant, { url: other.url });
    const bob = (await payer.recipients(['bob'])).get('bob') as string;
    const key = newKey();
    const responses = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        requestPayout(n % 2 ? payer : elsewhere, { recipient_id: bob, amount: '5.00', currency: 'USD' }, key),
      ),
    );
    await other.close();
    const made = responses.filter(({ status }) => status !== 409);
    expect(new Set(made.map(({ text }) => text)).size).toBe(1);
    expect(made.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(responses.every(({ status }) => [200, 201, 409].includes(status))).toBe(true);
    expect(await payouts(payer)).toHaveLength(1);
    expect((await payer.verify()).balanced).toBe(true);
  }, 60_000);

  it('rejects other content under a used key; a rejected request does not use its key', async () => {
    const key = newKey();
    expect(
      (await requestPayout(tenant, { recipient_id: ann, amount: '0.00', currency: 'USD' }, key)).status,
    ).toBe(422);
    expect(
      (await requestPayout(tenant, { recipient_id: ann, amount: '1.00', currency: 'USD' }, key)).status,
    ).toBe(201);
    const other = await requestPayout(tenant, { recipient_id: ann, amount: '1.01', currency: 'USD' }, key);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
  });

  it('separates tenants: the same key of another tenant creates its own payout', async () => {
    const [other, key] = [await world.tenant(), newKey()];
    const bob = (await other.recipients(['bob'])).get('bob') as string;
    expect(
      (await requestPayout(tenant, { recipient_id: ann, amount: '1.00', currency: 'USD' }, key)).status,
    ).toBe(201);
    expect(
      (await requestPayout(other, { recipient_id: bob, amount: '1.00', currency: 'USD' }, key)).status,
    ).toBe(201);
    const foreign = await requestPayout(other, { recipient_id: ann, amount: '1.00', currency: 'USD' });
    expect([foreign.status, foreign.body.code]).toEqual([404, 'recipient_not_found']);
  });

  it('rejects an inactive recipient, still replays an earlier response, and lets open payouts be ended', async () => {
    const bob = (await tenant.recipients([`bob-${newKey()}`])).values().next().value as string;
    const [key, order] = [newKey(), { recipient_id: bob, amount: '3.00', currency: 'USD' }];
    const first = await requestPayout(tenant, order, key);
    const second = await requestPayout(tenant, order);
    await tenant.must('PATCH', `/recipients/${bob}`, { is_active: false, name: 'Robert' });
    const refused = await requestPayout(tenant, order);
    expect([refused.status, refused.body.code]).toEqual([409, 'recipient_inactive']);
    expect((await requestPayout(tenant, order, key)).text).toBe(first.text);
    expect((await getPayout(tenant, first.body.id)).recipient_name_snapshot).toMatch(/^bob-/);
    expect(
      await tenant.must('PATCH', `/payouts/${first.body.id}`, { status: 'failed', reason: 'he left' }),
    ).toMatchObject({ status: 'FAILED', reason: 'he left' });
    expect(await tenant.must('DELETE', `/payouts/${second.body.id}`)).toMatchObject({
      status: 'CANCELLED',
      reason: 'cancelled by test',
    });
  });

  it.each([
    ['an amount of 0', { amount: '0' }, 422, 'invalid_amount'],
    ['too many decimals', { amount: '1.001' }, 422, 'invalid_amount'],
    ['an amount that is not text', { amount: 1 }, 422, 'validation_failed'],
    ['a sign', { amount: '-1.00' }, 422, 'validation_failed'],
    ['more than the largest amount', { amount: '100000000000.00' }, 422, 'validation_failed'],
    ['a currency that the tenant does not allow', { currency: 'GBP' }, 422, 'currency_not_allowed'],
    ['a currency that does not exist', { currency: 'XXX' }, 422, 'invalid_currency'],
    [
      'an unknown recipient',
      { recipient_id: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10' },
      404,
      'recipient_not_found',
    ],
    ['a recipient that is not an id', { recipient_id: 'ann' }, 422, 'validation_failed'],
    ['an unknown field', { status: 'COMPLETED' }, 422, 'validation_failed'],
    ['an unknown rail', { rail: 'pigeon' }, 422, 'validation_failed'],
    ['null', { description: null }, 422, 'validation_failed'],
    ['an invalid key in the body', { idempotency_key: 'short' }, 422, 'validation_failed'],
    ['a key of 65 characters in the body', { idempotency_key: 'x'.repeat(65) }, 422, 'validation_failed'],
    ['two different keys', { idempotency_key: 'another-key-than-the-header' }, 422, 'validation_failed'],
  ])('rejects %s and writes nothing', async (_what, wrong, status, code) => {
    const before = (await payouts()).length;
    const response = await requestPayout(tenant, {
      recipient_id: ann,
      amount: '1.00',
      currency: 'USD',
      ...wrong,
    });
    expect([response.status, response.body.code]).toEqual([status, code]);
    expect(await payouts()).toHaveLength(before);
  });

  it('applies a change of the allowed currencies at once', async () => {
    const payer = await world.tenant();
    const bob = (await payer.recipients(['bob'])).get('bob') as string;
    await pay(payer, bob, '1.00', { currency: 'EUR' });
    expect(
      (await payer.call('PUT', '/tenant/settings', { allowed_currencies: ['USD'], max_attempts: 3 })).status,
    ).toBe(200);
    expect(await requestPayout(payer, { recipient_id: bob, amount: '1.00', currency: 'EUR' })).toMatchObject({
      status: 422,
      body: { code: 'currency_not_allowed' },
    });
    await pay(payer, bob, '1.00', { currency: 'USD' });
  });

  it('requires an idempotency key', async () => {
    const order = { recipient_id: ann, amount: '1.00', currency: 'USD' };
    expect(await tenant.call('POST', '/payouts', order)).toMatchObject({
      status: 400,
      body: { code: 'idempotency_key_missing' },
    });
    expect(await tenant.call('POST', '/payouts', { ...order, idempotency_key: 7 })).toMatchObject({
      status: 422,
      body: { errors: { idempotency_key: [expect.any(String)] } },
    });
  });

  it('of a batch creates the valid payouts and returns the error of each other one', async () => {
    const payer = await world.tenant();
    const people = [...(await payer.recipients(['ann', 'bob'])).values()];
    const orders = [
      { recipient_id: people[0], amount: '1.00', currency: 'USD' },
      { recipient_id: ann, amount: '2.00', currency: 'USD' },
      { recipient_id: people[1], amount: '0.00', currency: 'USD' },
      { recipient_id: people[1], amount: '4.00', currency: 'EUR' },
      { recipient_id: people[0], amount: '5.00', currency: 'USD' },
    ];
    const key = newKey();
    const send = (list: object[], k = key) =>
      payer.call<{
        created: number;
        refused: number;
        results: { index: number; payout?: PayoutJson; error?: { code: string } }[];
      }>('POST', '/payouts/batch', { payouts: list }, { 'Idempotency-Key': k });
    const response = await send(orders);
    expect([response.status, response.body.created, response.body.refused]).toEqual([201, 3, 2]);
    expect(response.body.results.map(({ payout, error }) => payout?.amount ?? error?.code)).toEqual([
      '1.00',
      'recipient_not_found',
      'invalid_amount',
      '4.00',
      '5.00',
    ]);
    const again = await send(orders);
    expect([again.status, again.text]).toEqual([200, response.text]);
    expect(await payouts(payer)).toHaveLength(3);
    const none = await send([orders[1] as object], newKey());
    expect(none).toMatchObject({
      status: 422,
      body: { code: 'batch_refused', problems: [{ index: 0, code: 'recipient_not_found' }] },
    });
    const misspelt = await send([orders[0] as object, { ...orders[0], amount: 1 }], newKey());
    expect(misspelt).toMatchObject({
      status: 422,
      body: { errors: { 'payouts[1].amount': expect.any(Array) } },
    });
    expect((await send([], newKey())).status).toBe(422);
    expect((await payer.verify()).balanced).toBe(true);
  });

  it('accepts a batch of 1,000 and rejects one of 1,001', async () => {
    const payer = await world.tenant();
    const bob = (await payer.recipients(['bob'])).get('bob') as string;
    const orders = (count: number) => ({
      payouts: Array.from({ length: count }, () => ({ recipient_id: bob, amount: '1.00', currency: 'USD' })),
    });
    expect(await payer.post('/payouts/batch', orders(1_000))).toMatchObject({ created: 1_000 });
    expect(
      (await payer.call('POST', '/payouts/batch', orders(1_001), { 'Idempotency-Key': newKey() })).status,
    ).toBe(422);
    expect((await payer.verify()).balanced).toBe(true);
  }, 60_000);

  it('defaults to the manual rail without a connected account, and accepts an explicit rail', async () => {
    const payer = await world.tenant();
    const bob = (await payer.recipients(['bob'], { connected: false })).get('bob') as string;
    expect(await pay(payer, bob, '1.00')).toMatchObject({ rail: 'manual' });
    expect(await pay(payer, bob, '1.00', { rail: 'STRIPE' })).toMatchObject({ rail: 'stripe' });
  });
});
