import { newId } from '../../../src/kernel/ids';
import { type Caller, SettlementWorld } from './support/settlement-world';

describe('Cancelling a settlement', () => {
  let world: SettlementWorld;
  let caller: Caller;

  beforeAll(async () => {
    world = await SettlementWorld.start();
    caller = await world.payer();
    await world.recipients(caller, 5);
  });
  afterAll(() => world.close());

  const AWARDS = [
    { external_id: 'user-1', amount: '3.00' },
    { external_id: 'user-2', amount: '2.00' },
  ];
  const cancel = (id: string, of = caller) =>
    world.post(of, `settlements/${id}/cancel`, { reason: 'the jury was wrong' });

  it('reverses its ledger entry and stores actor, reason and time', async () => {
    const tenant = await world.caller();
    const [ann] = await world.recipients(tenant, 2);
    const { body } = await world.record(tenant, AWARDS, {
      pool: '6.50',
      platform_share: '1.00',
      allow_remainder: true,
    });
    const cancelled = await cancel(body.id, tenant);
    expect(cancelled).toMatchObject({
      status: 200,
      body: {
        status: 'cancelled',
        cancel_reason: 'the jury was wrong',
        cancelled_at: expect.any(String) as string,
      },
    });
    expect(await world.balance(tenant, 'payable', ann)).toBe(0n);
    expect(
      await Promise.all(
        (['funding', 'platform_share', 'remainder'] as const).map((kind) => world.balance(tenant, kind)),
      ),
    ).toEqual([0n, 0n, 0n]);
    expect((await world.verify(tenant)).balanced).toBe(true);
    expect(world.outbox.of(tenant.tenant, 'settlement.cancelled')).toHaveLength(1);
  });

  it('frees the contest for a settlement with other content', async () => {
    const contest_id = newId();
    const { body } = await world.record(caller, AWARDS, { contest_id });
    await cancel(body.id);
    const again = await world.record(caller, AWARDS.slice(0, 1), { contest_id });
    expect(again.status).toBe(201);
    expect(
      (await world.send(caller, 'GET', `settlements?contest_id=${contest_id}`)).body.results.map(
        ({ status }) => status,
      ),
    ).toEqual(['recorded', 'cancelled']);
  });

  it('is rejected with both states when repeated and after expansion', async () => {
    const { body } = await world.record(caller, AWARDS);
    await cancel(body.id);
    expect(await cancel(body.id)).toMatchObject({
      status: 409,
      body: { code: 'invalid_transition', from: 'cancelled', to: 'cancelled' },
    });
    const other = await world.record(caller, AWARDS);
    await world.run('expand-settlements', caller.tenant);
    expect(await cancel(other.body.id)).toMatchObject({
      status: 409,
      body: { code: 'invalid_transition', from: 'expanded', to: 'cancelled' },
    });
    expect((await world.verify(caller)).balanced).toBe(true);
  });

  it('excludes its expansion: one of both wins', async () => {
    for (let round = 0; round < 10; round++) {
      const { body } = await world.record(caller, AWARDS);
      const [response] = await Promise.all([cancel(body.id), world.run('expand-settlements', caller.tenant)]);
      await world.run('expand-settlements', caller.tenant);
      const { body: shown } = await world.settlement(caller, body.id);
      expect([response.status, shown.status, shown.payout_job_id !== null]).toEqual(
        response.status === 200 ? [200, 'cancelled', false] : [409, 'expanded', true],
      );
    }
    expect((await world.verify(caller)).balanced).toBe(true);
  });

  it('of many awards continues in chunks, and the settlement is not expanded meanwhile', async () => {
    const tenant = await world.payer();
    await world.recipients(tenant, 11_000);
    const lines = Array.from(
      { length: 11_000 },
      (_, n) => `{"external_id":"user-${n + 1}","amount":"1.00"}\n`,
    ).join('');
    const { body } = await world.stream(tenant, lines, { pool: '11000.00' });
    await world.woken();
    expect((await cancel(body.id, tenant)).body.status).toBe('cancelling');
    expect(await world.run('expand-settlements', tenant.tenant)).toMatchObject({ found: 0 });
    world.wakeUps.lose();
    expect(await world.run('advance-settlements', tenant.tenant)).toMatchObject({ found: 1, done: 1 });
    expect((await world.settlement(tenant, body.id)).body.status).toBe('cancelled');
    expect(await world.balance(tenant, 'funding')).toBe(0n);
    const entries = await world.rows<{ reference: string }>(
      tenant,
      `SELECT reference FROM ledger.entries ORDER BY reference`,
    );
    expect(entries.map(({ reference }) => reference.replace(body.id, 's'))).toEqual([
      'settlement:s:cancelled',
      'settlement:s:cancelled:10000',
      'settlement:s:cancelled:5000',
      'settlement:s:recorded',
      'settlement:s:recorded:10000',
      'settlement:s:recorded:5000',
    ]);
    expect((await world.verify(tenant)).balanced).toBe(true);
  });

  it('returns the first body for a repeat', async () => {
    const { body } = await world.record(caller, AWARDS);
    const key = newId();
    const first = await world.post(caller, `settlements/${body.id}/cancel`, { reason: 'a mistake' }, key);
    const again = await world.post(caller, `settlements/${body.id}/cancel`, { reason: 'a mistake' }, key);
    expect([again.status, again.body]).toEqual([200, first.body]);
  });
});
