import { newId } from '../../../src/kernel/ids';
import { type Caller, SettlementWorld } from './support/settlement-world';
import type { SentResponse } from './support/responses';

describe('Recording a settlement', () => {
  let world: SettlementWorld;
  let caller: Caller;
  let ids: string[];

  beforeAll(async () => {
    world = await SettlementWorld.start();
    caller = await world.caller();
    ids = await world.recipients(caller, 5);
  });
  afterAll(() => world.close());

  const given = (change: object = {}) => ({
    contest_id: newId(),
    currency: 'USD',
    pool: '1000.00',
    platform_share: '100.00',
    awards: [
      { recipient_id: ids[0], amount: '450.00', rank: 1 },
      { external_id: 'user-2', amount: '270.00', rank: 2 },
      { recipient_id: ids[2], amount: '180.00', rank: 3 },
    ],
    ...change,
  });
  const computed = (change: object = {}) => ({
    contest_id: newId(),
    currency: 'USD',
    pool: '1000.00',
    platform_share_bps: 1_000,
    structure: [50, 30, 20],
    standings: [
      { recipient_id: ids[0], rank: 1 },
      { external_id: 'user-2', rank: 2 },
      { recipient_id: ids[2], rank: 3 },
    ],
    ...change,
  });
  const post = (body: object, key?: string): Promise<SentResponse> =>
    world.post(caller, 'settlements', body, key);

  it('writes its awards and posts the pool to pot, payables and platform share', async () => {
    const tenant = await world.caller();
    const [ann, bob, cyn] = await world.recipients(tenant, 3);
    const { status, body, headers } = await world.post(
      tenant,
      'settlements',
      given({
        awards: [
          { recipient_id: ann, amount: '450.00', rank: 1 },
          { external_id: 'user-2', amount: '270.00', rank: 2 },
          { recipient_id: cyn, amount: '180.00', rank: 3 },
        ],
      }),
    );
    expect(status).toBe(201);
    expect(body).toMatchObject({
      status: 'recorded',
      pool: '1000.00',
      platform_share: '100.00',
      remainder: '0.00',
      awards_total: '900.00',
      award_count: 3,
      payout_job_id: null,
    });
    expect(headers['location']).toBe(`/api/v1/settlements/${body.id}`);
    const shown = await world.settlement(tenant, body.id);
    expect(
      shown.body.awards.results.map(({ recipient_id, amount, rank }) => [recipient_id, amount, rank]),
    ).toEqual([
      [ann, '450.00', 1],
      [bob, '270.00', 2],
      [cyn, '180.00', 3],
    ]);
    expect(await Promise.all([ann, bob, cyn].map((id) => world.balance(tenant, 'payable', id)))).toEqual([
      45_000n,
      27_000n,
      18_000n,
    ]);
    expect(await world.balance(tenant, 'funding')).toBe(-100_000n);
    expect(await world.balance(tenant, 'platform_share')).toBe(10_000n);
    expect(await world.balance(tenant, 'pot', body.id)).toBe(0n);
    expect((await world.verify(tenant)).balanced).toBe(true);
    expect(world.outbox.of(tenant.tenant, 'settlement.recorded').map(({ payload }) => payload)).toEqual([
      { settlement_id: body.id },
    ]);
  });

  it('computes the same awards and plan hash from standings as from given awards', async () => {
    const contest_id = newId();
    const preview = await world.send(caller, 'POST', 'settlements/preview', computed({ contest_id }));
    expect(preview.status).toBe(200);
    expect(preview.body).toMatchObject({
      platform_share: '100.00',
      platform_balance_needed: '900.00',
      exclusions: [],
    });
    const { status, body } = await post(computed({ contest_id, plan_hash: preview.body.plan_hash }));
    expect([status, body.result_hash]).toEqual([201, preview.body.plan_hash]);
    const same = await post(given({ contest_id }));
    expect([same.status, same.body.id]).toEqual([200, body.id]);
  });

  it('explains ties, rounding and exclusions in the preview, and stores the explanation when recorded', async () => {
    const standings = [
      { recipient_id: ids[0], score: '9.5' },
      { recipient_id: ids[1], score: '9.50' },
      { recipient_id: ids[2], score: '1' },
      { recipient_id: ids[3], score: '0' },
    ];
    const facts = computed({ pool: '100.01', platform_share_bps: 0, structure: [1, 1, 1], standings });
    const before = await world.count(caller, 'settlements.settlements');
    const preview = await world.send(caller, 'POST', 'settlements/preview', facts);
    expect(await world.count(caller, 'settlements.settlements')).toBe(before);
    expect(preview.body.awards[0]).toEqual({
      position: 0,
      recipient_id: ids[0],
      amount: '33.34',
      rank: 1,
      explanation: { gross: '33.33', rounding: '0.01', tie: { first_place: 1, last_place: 2, shared_by: 2 } },
    });
    expect(preview.body.exclusions).toEqual([{ recipient_id: ids[3], reason: 'outside_structure' }]);
    const { body } = await post(facts);
    const shown = await world.settlement(caller, body.id);
    expect(shown.body.awards.results[0]?.explanation).toEqual(preview.body.awards[0]?.explanation);
    expect(shown.body.exclusions).toEqual(preview.body.exclusions);
  });

  it('returns the first body for a repeat, and 422 for other content under the same key', async () => {
    const [body, key] = [given(), newId()];
    const first = await post(body, key);
    const again = await post(body, key);
    expect([again.status, again.headers['idempotent-replayed'], again.body]).toEqual([
      200,
      'true',
      first.body,
    ]);
    expect(await post({ ...body, pool: '1001.00' }, key)).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
    expect(await world.send(caller, 'POST', 'settlements', body)).toMatchObject({
      status: 400,
      body: { code: 'idempotency_key_missing' },
    });
  });

  it('returns the existing settlement for the same content, and rejects other content', async () => {
    const body = given();
    const first = await post(body);
    const same = await post({ ...body, awards: [...body.awards].reverse() });
    expect([same.status, same.body]).toEqual([200, first.body]);
    const other = await post({ ...body, pool: '1000.01', platform_share: '100.01' });
    expect(other).toMatchObject({
      status: 409,
      body: { code: 'settlement_exists', settlement_id: first.body.id },
    });
  });

  it('creates one settlement from eight concurrent requests', async () => {
    const body = given();
    const responses = await Promise.all(Array.from({ length: 8 }, () => post(body)));
    expect(new Set(responses.map((response) => response.body.id)).size).toBe(1);
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
  });

  it('rejects a plan that differs from the plan_hash', async () => {
    expect(await post(given({ plan_hash: '0'.repeat(64) }))).toMatchObject({
      status: 409,
      body: { code: 'plan_changed', agreed_plan_hash: '0'.repeat(64) },
    });
  });

  it('returns every problem with its index', async () => {
    const tenant = await world.caller();
    const [ann, bob] = await world.recipients(tenant, 3);
    await world.rows(tenant, `UPDATE recipients.recipients SET is_active = false WHERE id = $1`, [bob]);
    const unknown = newId();
    const { status, body } = await world.post(
      tenant,
      'settlements',
      given({
        awards: [
          { recipient_id: ann, amount: '1.00' },
          { recipient_id: bob, amount: '1.00' },
          { external_id: 'unknown', amount: '1.00' },
          { external_id: 'user-1', amount: '1.00' },
          { recipient_id: unknown, amount: '0.00' },
          { external_id: 'user-3', amount: '1.001' },
        ],
      }),
    );
    expect([status, body.code, body.total]).toEqual([422, 'settlement_invalid', 6]);
    expect(body.problems.map(({ index, code }) => [index, code])).toEqual([
      [1, 'recipient_inactive'],
      [2, 'unknown_payee'],
      [3, 'duplicate_payee'],
      [4, 'unknown_payee'],
      [4, 'invalid_amount'],
      [5, 'invalid_amount'],
    ]);
    expect(await world.count(tenant, 'settlements.settlements')).toBe(0);
  });

  it.each([
    ['conservation_mismatch', { pool: '1000.01' }],
    ['payout_exceeds_pool', { pool: '899.99', platform_share: '0' }],
    ['zero_payouts', { awards: [] }],
    ['currency_not_allowed', { currency: 'JPY', pool: '1000', platform_share: '100' }],
    ['invalid_currency', { currency: 'XXX' }],
    ['invalid_amount', { pool: '1000.001' }],
  ])('rejects with %s', async (code, change) => {
    const response = await post(given(change));
    expect([response.status, response.body.code]).toEqual([422, code]);
  });

  it.each([
    ['standings', { standings: [], structure: [1] }, 'awards, platform_share'],
    ['a structure without standings', { structure: [1] }, 'structure'],
    ['neither awards nor standings', { awards: undefined }, 'awards'],
    ['an unknown field', { prize: '1' }, 'prize'],
    ['a number for an amount', { pool: 1000 }, 'pool'],
    [
      'two names for a payee',
      { awards: [{ recipient_id: newId(), external_id: 'x', amount: '1.00' }] },
      'awards[0]',
    ],
    [
      'more awards than JSON takes',
      { awards: Array.from({ length: 5_001 }, (_, n) => ({ external_id: `u${n}`, amount: '1.00' })) },
      'awards',
    ],
  ])('rejects %s with a field error', async (_what, change, field) => {
    const { status, body } = await post(given(change));
    expect([status, body.code, Object.keys(body.errors).join(', ')]).toEqual([
      422,
      'validation_failed',
      field,
    ]);
  });

  it('rejects more awards than a JSON body may have, and names the stream', async () => {
    const { body } = await post(
      given({ awards: Array.from({ length: 5_001 }, (_, n) => ({ external_id: `u${n}`, amount: '1.00' })) }),
    );
    expect(body.errors['awards']?.[0]).toContain('POST /api/v1/settlements/stream');
  });

  it('posts a remainder only if that is allowed', async () => {
    const { status, body } = await post(given({ pool: '1000.05', allow_remainder: true }));
    expect([status, body.remainder]).toEqual([201, '0.05']);
    expect(await world.balance(caller, 'remainder')).toBe(5n);
  });

  it('accepts 5,000 awards in one request', async () => {
    const tenant = await world.caller();
    await world.recipients(tenant, 5_000);
    const awards = Array.from({ length: 5_000 }, (_, n) => ({
      external_id: `user-${n + 1}`,
      amount: '1.00',
    }));
    const { status, body } = await world.post(
      tenant,
      'settlements',
      given({ pool: '5000.00', platform_share: '0', awards }),
    );
    expect([status, body.award_count]).toEqual([201, 5_000]);
    expect((await world.verify(tenant)).balanced).toBe(true);
  });

  it('lists settlements newest first, by contest and status, and pages through awards', async () => {
    const tenant = await world.caller();
    await world.recipients(tenant, 3);
    const awards = ['user-1', 'user-2', 'user-3'].map((external_id, at) => ({
      external_id,
      amount: '300.00',
      rank: at + 1,
    }));
    const recorded: string[] = [];
    for (const contest_id of ['a', 'b', 'c'])
      recorded.push((await world.post(tenant, 'settlements', given({ contest_id, awards }))).body.id);
    const page = await world.send(tenant, 'GET', 'settlements?limit=2');
    expect(page.body.results.map(({ id }) => id)).toEqual([recorded[2], recorded[1]]);
    expect((await world.send(tenant, 'GET', page.body.next)).body.results.map(({ id }) => id)).toEqual([
      recorded[0],
    ]);
    expect(
      (await world.send(tenant, 'GET', 'settlements?contest_id=b&status=recorded')).body.results,
    ).toHaveLength(1);
    expect(
      (await world.send(tenant, 'GET', 'settlements?contest_id=b&status=expanded')).body.results,
    ).toHaveLength(0);
    const first = await world.send(tenant, 'GET', `settlements/${recorded[0]}?limit=2`);
    const second = await world.send(tenant, 'GET', first.body.awards.next);
    expect(
      [...first.body.awards.results, ...second.body.awards.results].map(({ position }) => position),
    ).toEqual([0, 1, 2]);
    const back = await world.send(tenant, 'GET', second.body.awards.previous);
    expect(back.body.awards.results).toEqual(first.body.awards.results);
  });

  it('returns the same response for a settlement of another tenant as for an unknown id', async () => {
    const { body } = await post(given());
    const stranger = await world.caller();
    const [foreign, unknown] = [
      await world.settlement(stranger, body.id),
      await world.settlement(stranger, newId()),
    ];
    const bare = ({ body }: SentResponse): object => ({ ...body, instance: null, request_id: null });
    expect(foreign.status).toBe(404);
    expect(bare(foreign)).toEqual(bare(unknown));
    expect((await world.send(stranger, 'GET', 'settlements')).body.results).toEqual([]);
    const cancel = await world.post(stranger, `settlements/${body.id}/cancel`, { reason: 'not mine' });
    expect([cancel.status, cancel.body.code]).toEqual([404, 'settlement_not_found']);
  });

  it('requires the scope for reading and for writing', async () => {
    const reader = await world.caller(['settlements:read']);
    expect((await world.post(reader, 'settlements', given())).status).toBe(403);
    expect((await world.send(reader, 'GET', 'settlements')).status).toBe(200);
    expect((await world.send(await world.caller(['ledger:read']), 'GET', 'settlements')).status).toBe(403);
  });
});
