import { newId } from '../../../src/kernel/ids';
import { Metrics } from '../../../src/platform/metrics';
import { concurrently } from './support/concurrently';
import { type Caller, SettlementWorld } from './support/settlement-world';
import type { SentResponse } from './support/responses';

describe('A settlement above the limit of its tenant', () => {
  let world: SettlementWorld;
  let maker: Caller;
  let other: Caller;

  beforeAll(async () => {
    world = await SettlementWorld.start();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    maker = await world.payer();
    other = await world.colleague(maker, ['settlements:*']);
    await world.recipients(maker, 3);
    await world.limit(maker, '4.99');
  });

  const AWARDS = [
    { external_id: 'user-1', amount: '3.00' },
    { external_id: 'user-2', amount: '2.00' },
  ];
  const LINES = AWARDS.map((award) => `${JSON.stringify(award)}\n`).join('');
  const record = (facts: object = {}, of = maker) => world.record(of, AWARDS, facts);
  const shown = async (id: string) => (await world.settlement(maker, id)).body;
  const cancel = (id: string) =>
    world.post(maker, `settlements/${id}/cancel`, { reason: 'the jury was wrong' });
  const expand = () => world.run('expand-settlements', maker.tenant);
  const WAITING = { required: true, above: '4.99', approved_by: null, approved_at: null, plan_hash: null };

  const ways: [string, () => Promise<SentResponse>][] = [
    ['given by JSON', () => record()],
    [
      'computed',
      () =>
        world.post(maker, 'settlements', {
          contest_id: newId(),
          currency: 'USD',
          pool: '5.00',
          platform_share_bps: 0,
          structure: [1],
          standings: [{ external_id: 'user-1', rank: 1 }],
        }),
    ],
    [
      'streamed',
      async () => {
        const response = await world.stream(maker, LINES, { pool: '5.00' });
        await world.woken();
        return response;
      },
    ],
  ];
  it.each(ways)('%s is in the ledger, waits for approval, and is not expanded', async (_way, make) => {
    const { body } = await make();
    expect(await shown(body.id)).toMatchObject({
      status: 'awaiting_approval',
      approval: WAITING,
      recorded_at: expect.any(String) as string,
    });
    expect(await world.balance(maker, 'funding')).toBe(-500n);
    expect(world.outbox.of(maker.tenant, 'settlement.recorded')).toHaveLength(1);
    await world.rows(maker, `UPDATE settlements.settlements SET due_at = now() - interval '1 day'`);
    expect(await expand()).toMatchObject({ found: 0 });
    expect(await world.count(maker, 'transfers.transfers')).toBe(0);
    expect((await world.approve(other, await shown(body.id))).body.status).toBe('recorded');
    expect(await expand()).toMatchObject({ found: 1, done: 1 });
    expect((await world.verify(maker)).balanced).toBe(true);
  });

  it('is measured by its awards, without platform share and remainder', async () => {
    await world.limit(maker, '5.00');
    const { body } = await record({ pool: '900.00', platform_share: '800.00', allow_remainder: true });
    expect(body).toMatchObject({
      status: 'recorded',
      approval: { required: false, above: '5.00', approved_by: null },
    });
  });

  it('is measured by the limit of its own currency', async () => {
    expect((await record({ currency: 'EUR' })).body).toMatchObject({ status: 'recorded', approval: null });
  });

  it("rejects an approval with a key made by the maker's key", async () => {
    const { body } = await record();
    const { body: key } = await world.post(maker, 'api-keys', { name: 'my other self', scopes: ['*'] });
    const self = { tenant: maker.tenant, apiKey: (key as unknown as { secret: string }).secret };
    expect(await world.approve(self, await shown(body.id))).toMatchObject({
      status: 403,
      body: { code: 'approver_is_maker' },
    });
  });

  it('is approved by another actor, and stores actor, plan, time, event and audit record', async () => {
    const { body } = await record();
    const { status, body: approved } = await world.post(other, `settlements/${body.id}/approve`, {
      plan_hash: body.result_hash,
      reason: 'compared with the protocol',
    });
    expect([status, approved.status]).toEqual([200, 'recorded']);
    const approval = {
      required: true,
      above: '4.99',
      approved_by: expect.stringMatching(/^api_key:/) as string,
      approved_at: expect.any(String) as string,
      plan_hash: body.result_hash,
    };
    expect(approved.approval).toEqual(approval);
    expect((await shown(body.id)).approval).toEqual(approved.approval);
    expect(world.outbox.of(maker.tenant, 'settlement.approved').map(({ payload }) => payload)).toEqual([
      { settlement_id: body.id },
    ]);
    const records = await world.rows(
      maker,
      `SELECT actor_name, entity_kind, entity_id, before, after FROM platform.audit_log
        WHERE action = 'settlement.approved'`,
    );
    expect(records).toEqual([
      {
        actor_name: 'colleague',
        entity_kind: 'settlement',
        entity_id: body.id,
        before: { status: 'awaiting_approval' },
        after: {
          status: 'recorded',
          plan: body.result_hash,
          total: '5.00',
          currency: 'USD',
          reason: 'compared with the protocol',
        },
      },
    ]);
  });

  it('rejects an approval with the key that made it, whatever its scopes', async () => {
    const { body } = await record();
    expect(await world.approve(maker, body)).toMatchObject({
      status: 403,
      body: { code: 'approver_is_maker' },
    });
    expect((await shown(body.id)).approval).toEqual(WAITING);
    expect(await world.count(maker, `platform.audit_log WHERE action = 'settlement.approved'`)).toBe(0);
  });

  it('rejects an approval with a key that was made afterwards', async () => {
    const { body } = await record();
    const late = await world.colleague(maker);
    expect(await world.approve(late, body)).toMatchObject({
      status: 403,
      body: { code: 'approver_too_new' },
    });
    expect((await shown(body.id)).status).toBe('awaiting_approval');
    expect((await world.approve(other, body)).body.status).toBe('recorded');
  });

  it('rejects an approval of a stream with the key that sent it', async () => {
    const { body } = await world.stream(other, LINES, { pool: '5.00' });
    await world.woken();
    expect(await world.approve(other, await shown(body.id))).toMatchObject({
      status: 403,
      body: { code: 'approver_is_maker' },
    });
    expect((await world.approve(maker, await shown(body.id))).status).toBe(200);
  });

  it('accepts an approval with the hash of its plan only', async () => {
    const { body } = await record();
    const refused = await world.approve(other, { id: body.id, result_hash: '0'.repeat(64) });
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'plan_changed', agreed_plan_hash: '0'.repeat(64), plan_hash: body.result_hash },
    });
    expect((await world.post(other, `settlements/${body.id}/approve`, { plan_hash: 'none' })).status).toBe(
      422,
    );
    expect((await world.post(other, `settlements/${body.id}/approve`, {})).status).toBe(422);
    expect((await shown(body.id)).status).toBe('awaiting_approval');
  });

  it('rejects a key without the scope and a key of another tenant', async () => {
    const { body } = await record();
    const writer = await world.colleague(maker, ['settlements:write', 'settlements:read']);
    expect(await world.approve(writer, body)).toMatchObject({
      status: 403,
      body: { code: 'insufficient_scope' },
    });
    expect(await world.approve(await world.caller(), body)).toMatchObject({
      status: 404,
      body: { code: 'settlement_not_found' },
    });
    expect((await shown(body.id)).status).toBe('awaiting_approval');
  });

  it('accepts one approval, and none below the limit', async () => {
    const { body } = await record();
    const key = newId();
    const first = await world.approve(other, body, key);
    expect(await world.approve(other, body, key)).toMatchObject({ status: 200, body: first.body });
    expect(await world.approve(other, body)).toMatchObject({
      status: 409,
      body: { code: 'invalid_transition', from: 'recorded', to: 'recorded' },
    });
    await world.limit(maker, null);
    const free = await record();
    expect(await world.approve(other, free.body)).toMatchObject({
      status: 409,
      body: { code: 'invalid_transition' },
    });
  });

  it('uses the limit from the time of recording, whatever the limit is later', async () => {
    const caught = (await record()).body;
    await world.limit(maker, null);
    const free = (await record()).body;
    await world.limit(maker, '0.00');
    expect(await expand()).toMatchObject({ found: 1, done: 1 });
    expect([(await shown(caught.id)).status, (await shown(free.id)).status]).toEqual([
      'awaiting_approval',
      'expanded',
    ]);
    expect((await shown(caught.id)).approval?.above).toBe('4.99');
  });

  it('can be cancelled while it waits; recorded again, it waits again', async () => {
    const contest_id = newId();
    const { body } = await record({ contest_id });
    expect(await record({ contest_id })).toMatchObject({
      status: 200,
      body: { id: body.id, status: 'awaiting_approval' },
    });
    expect(await cancel(body.id)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await world.approve(other, body)).toMatchObject({
      status: 409,
      body: { code: 'invalid_transition', from: 'cancelled' },
    });
    expect((await record({ contest_id })).body.status).toBe('awaiting_approval');
    expect(await world.balance(maker, 'funding')).toBe(-500n);
  });

  it('is listed by its status and counted in the diagnostics, with the oldest', async () => {
    const [first, second] = [(await record()).body, (await record()).body];
    const listed = (await world.send(maker, 'GET', 'settlements?status=awaiting_approval')).body.results;
    expect(listed.map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(listed[0]?.approval).toEqual(WAITING);
    const { body } = await world.send(maker, 'GET', 'operations/diagnostics/payouts');
    expect(body.awaiting_approval).toEqual({
      count: 2,
      oldest_settlement_id: first.id,
      oldest_recorded_at: expect.any(String) as string,
    });
    await world.approve(other, first);
    await cancel(second.id);
    const later = await world.send(maker, 'GET', 'operations/diagnostics/payouts');
    expect(later.body.awaiting_approval).toEqual({
      count: 0,
      oldest_settlement_id: null,
      oldest_recorded_at: null,
    });
  });

  it('is counted in the metrics of the installation, with the age of the oldest', async () => {
    const figure = async (name: string) =>
      Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await world.get(Metrics).registry.metrics())?.[1]);
    const before = await figure('disburse_settlements_awaiting_approval');
    const { body } = await record();
    expect(await figure('disburse_settlements_awaiting_approval')).toBe(before + 1);
    expect(await figure('disburse_settlements_awaiting_approval_oldest_seconds')).toBeGreaterThan(0);
    await cancel(body.id);
    expect(await figure('disburse_settlements_awaiting_approval')).toBe(before);
  });

  it('accepts one of two concurrent approvals', async () => {
    const third = await world.colleague(maker);
    const { body } = await record();
    const responses = await concurrently(world.db, body.id, [
      () => world.approve(other, body),
      () => world.approve(third, body),
    ]);
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(responses.find(({ status }) => status === 409)?.body.code).toBe('invalid_transition');
    expect(world.outbox.of(maker.tenant, 'settlement.approved')).toHaveLength(1);
  });

  it('is never paid if it is approved and cancelled concurrently', async () => {
    const early = (await record()).body;
    const [cancelled, refused] = await concurrently(world.db, early.id, [
      () => cancel(early.id),
      () => world.approve(other, early),
    ]);
    expect([cancelled?.status, refused?.status, refused?.body.code]).toEqual([
      200,
      409,
      'invalid_transition',
    ]);
    expect((await shown(early.id)).approval).toEqual(WAITING);
    const late = (await record()).body;
    const responses = await concurrently(world.db, late.id, [
      () => world.approve(other, late),
      () => cancel(late.id),
    ]);
    expect(responses.map(({ status }) => status)).toEqual([200, 200]);
    expect(await expand()).toMatchObject({ found: 0 });
    expect([(await shown(early.id)).status, (await shown(late.id)).status]).toEqual([
      'cancelled',
      'cancelled',
    ]);
    expect(await world.balance(maker, 'funding')).toBe(0n);
  });

  it('is expanded once, after its approval, if the scheduler runs concurrently', async () => {
    const { body } = await record();
    const [approved] = await Promise.all([world.approve(other, body), ...Array.from({ length: 4 }, expand)]);
    expect(approved.status).toBe(200);
    await expand();
    expect((await shown(body.id)).status).toBe('expanded');
    expect(await world.count(maker, 'transfers.transfers')).toBe(2);
  });
});
