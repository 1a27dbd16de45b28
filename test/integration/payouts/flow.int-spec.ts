import { newId } from '../../../src/kernel/ids';
import { UnitOfWork } from '../../../src/kernel/tx';
import { Ledger } from '../../../src/modules/ledger';
import { payoutRequested } from '../../../src/modules/payouts/domain/accounting';
import { startApp, type TestApp, type TestTenant, until } from '../../support';
import { booksOf, railAccountOf, stripeOf } from '../transfers/support/books';
import { waitForStatus, pay, getPayout, eventsOf } from './support/payouts';

/** End to end: the whole program with its relay, and the simulator. */
describe('A payout', () => {
  let world: TestApp;
  let tenant: TestTenant;

  beforeAll(async () => {
    world = await startApp({
      env: { TRANSFER_SWEEP_EVERY_MS: '200', TRANSFER_SAFE_WINDOW_MS: '1000', TRANSFER_QUARANTINE_MS: '200' },
    });
    await world.simulator.pauseWebhooks();
    tenant = await world.tenant();
    await tenant.listen();
  });
  afterAll(() => world.close());

  const person = async (name: string, options = {}, payer = tenant) =>
    (await payer.recipients([name], options)).get(name) as string;
  const transferOf = async (id: string) => (await getPayout(tenant, id)).transfer_id as string;

  /** Posts the entry of another payout that is never dispatched. */
  const postPayable = (payer: TestTenant, recipientId: string, amountMinor: bigint) =>
    world.app.get(UnitOfWork, { strict: false }).run(payer.id, (tx) =>
      world.app.get(Ledger, { strict: false }).post(tx, [
        payoutRequested.build({
          payout: { id: newId(), recipientId, amountMinor, currency: 'USD' },
          actor: 'test',
        }),
      ]),
    );

  it('is completed by its transfer and shows each step in its events', async () => {
    const ann = await person('ann');
    const { id } = await pay(tenant, ann);
    const paid = await waitForStatus(tenant, id, 'COMPLETED');
    expect(paid).toMatchObject({ reason: null, finished_at: paid.updated_at });
    expect(await eventsOf(tenant, id)).toMatchObject([
      { type: 'created', from: null, to: 'NEW', actor: expect.stringMatching(/^api_key:/) },
      { type: 'status_changed', from: 'NEW', to: 'PROCESSING', actor: 'worker' },
      { type: 'status_changed', from: 'PROCESSING', to: 'COMPLETED', actor: 'worker' },
    ]);
    expect(await tenant.get(`/transfers/${paid.transfer_id}`)).toMatchObject({
      status: 'completed',
      purpose: 'payout',
      amount: '100.50',
      recipient_id: ann,
    });
    expect(await booksOf(tenant, ann)).toEqual({ funding: '-100.50', external: '100.50' });
    const effects = (await world.simulator.allEffects()).filter(
      (effect) => effect.metadata['disburse_transfer'] === paid.transfer_id,
    );
    expect(effects).toMatchObject([{ amount: 100_50 }]);
  });

  it('fails with the reason of its transfer and returns the amount to funding', async () => {
    const payer = await world.tenant();
    const bob = await person('bob', { connected: false }, payer);
    const { id } = await pay(payer, bob, '5.00', { rail: 'stripe' });
    expect(await waitForStatus(payer, id, 'FAILED')).toMatchObject({ reason: 'DESTINATION_ACCOUNT_MISSING' });
    expect(await eventsOf(payer, id)).toMatchObject([
      { to: 'NEW' },
      { to: 'PROCESSING' },
      { to: 'FAILED', reason: 'DESTINATION_ACCOUNT_MISSING' },
    ]);
    expect(await booksOf(payer, bob)).toEqual({});
    expect((await payer.verify()).balanced).toBe(true);
    const { transfer_id } = await getPayout(payer, id);
    const retried = await payer.call(
      'POST',
      `/transfers/${transfer_id}/retry`,
      { reason: 'once more' },
      { 'Idempotency-Key': 'retry-of-a-voided-payout' },
    );
    expect(retried).toMatchObject({ status: 409, body: { code: 'origin_ended' } });
  });

  it('on the manual rail is completed or failed by an operator, on the payout or on its transfer', async () => {
    const payer = await world.tenant();
    const cyn = await person('cyn', { connected: false }, payer);
    const [first, second, third] = [
      await pay(payer, cyn, '1.00'),
      await pay(payer, cyn, '2.00'),
      await pay(payer, cyn, '4.00'),
    ];
    for (const { id } of [first, second, third]) await waitForStatus(payer, id, 'PROCESSING');
    expect(await payer.call('PATCH', `/payouts/${first.id}`, { status: 'COMPLETED' })).toMatchObject({
      status: 422,
      body: { code: 'bank_reference_missing' },
    });
    expect(
      await payer.must('PATCH', `/payouts/${first.id}`, { status: 'completed', external_id: 'SEPA-1' }),
    ).toMatchObject({ status: 'COMPLETED' });
    await payer.post(`/transfers/${(await getPayout(payer, second.id)).transfer_id}/mark-paid`, {
      reason: 'sent',
      external_id: 'SEPA-2',
    });
    await waitForStatus(payer, second.id, 'COMPLETED');
    expect(
      await payer.must('PATCH', `/payouts/${third.id}`, {
        status: 'FAILED',
        reason: 'the account was closed',
      }),
    ).toMatchObject({ status: 'FAILED', reason: 'the account was closed' });
    expect(await booksOf(payer, cyn)).toMatchObject({ external: '3.00', funding: '-3.00' });
    expect((await payer.verify()).balanced).toBe(true);
  });

  it('can be stopped while it waits for funds', async () => {
    const payer = await world.tenant({ balances: { usd: 0 } });
    const dan = await person('dan', {}, payer);
    const { id } = await pay(payer, dan, '9.00');
    const { transfer_id } = await waitForStatus(payer, id, 'PROCESSING');
    await until(
      'its transfer waits for funds',
      async () =>
        (await payer.get<{ status: string }>(`/transfers/${transfer_id}`)).status === 'waiting_for_funds',
    );
    expect(await payer.call('PATCH', `/payouts/${id}`, { status: 'COMPLETED' })).toMatchObject({
      status: 409,
      body: { code: 'transfer_decides', from: 'PROCESSING', to: 'COMPLETED' },
    });
    expect(await payer.call('DELETE', `/payouts/${id}`)).toMatchObject({
      status: 409,
      body: { code: 'invalid_transition', from: 'PROCESSING', to: 'CANCELLED' },
    });
    expect(
      await payer.must('PATCH', `/payouts/${id}`, { status: 'FAILED', reason: 'not wanted any more' }),
    ).toMatchObject({ status: 'FAILED', reason: 'not wanted any more' });
    expect(await payer.get(`/transfers/${transfer_id}`)).toMatchObject({ status: 'cancelled' });
    expect(await booksOf(payer, dan)).toEqual({});
  });

  it.each(['NEW', 'PROCESSING', 'FAILED', 'CANCELLED', 'COMPLETED'])(
    'rejects a change from COMPLETED to %s',
    async (status) => {
      const { id } = await pay(tenant, await person(`eve-${status}`));
      const before = await waitForStatus(tenant, id, 'COMPLETED');
      const refused = await tenant.call('PATCH', `/payouts/${id}`, { status, external_id: 'X-1' });
      expect(refused).toMatchObject({
        status: 409,
        body: {
          code: 'invalid_transition',
          detail: `A payout cannot go from COMPLETED to ${status}.`,
          from: 'COMPLETED',
          to: status,
        },
      });
      expect(await getPayout(tenant, id)).toEqual(before);
    },
  );

  it('fails with the reason of the cancellation when its transfer is cancelled', async () => {
    const payer = await world.tenant({ balances: { usd: 0 } });
    const { id } = await pay(payer, await person('fay', {}, payer), '9.00');
    const { transfer_id } = await waitForStatus(payer, id, 'PROCESSING');
    await until(
      'its transfer waits for funds',
      async () =>
        (await payer.get<{ status: string }>(`/transfers/${transfer_id}`)).status === 'waiting_for_funds',
    );
    await payer.post(`/transfers/${transfer_id}/cancel`, { reason: 'a mistake' });
    expect(await waitForStatus(payer, id, 'FAILED')).toMatchObject({ reason: 'a mistake' });
    expect((await payer.verify()).balanced).toBe(true);
  });

  it('stays COMPLETED after a reversal and lists the reversal among its events', async () => {
    const gus = await person('gus');
    const { id } = await pay(tenant, gus, '8.00');
    await waitForStatus(tenant, id, 'COMPLETED');
    const { stripe_transfer_id } = await tenant.get<{ stripe_transfer_id: string }>(
      `/transfers/${await transferOf(id)}`,
    );
    await stripeOf(tenant).transfers.createReversal(stripe_transfer_id, { amount: 3_00 });
    await world.simulator.flushWebhooks();
    await until('the reversal is recorded', async () =>
      (await eventsOf(tenant, id)).some(({ type }) => type === 'reversed'),
    );
    expect(await getPayout(tenant, id)).toMatchObject({ status: 'COMPLETED' });
  });

  it('stays FAILED when a late success arrives and does not use the balance of another payout', async () => {
    const payer = await world.tenant({ balances: { usd: 1_000_00 } });
    await payer.listen();
    await payer.must('PUT', '/tenant/settings', { allowed_currencies: ['USD'], max_attempts: 1 });
    const hal = await person('hal', {}, payer);
    const match = { path: '/v1/transfers', platform: (await railAccountOf(payer)).provider_account_id };
    await world.simulator.scriptFaults(
      { kind: 'lose_answer', match: { ...match, method: 'POST' }, times: 5 },
      { kind: 'list_lags', match: { ...match, method: 'GET' }, times: 5, lag_ms: 3_600_000 },
    );
    const { id } = await pay(payer, hal, '50.00');
    await waitForStatus(payer, id, 'FAILED');
    await postPayable(payer, hal, 70_00n);
    await world.simulator.stopFaults();
    await world.simulator.flushWebhooks();
    await until('the late success is recorded', async () =>
      (await eventsOf(payer, id)).some(({ type }) => type === 'paid_late'),
    );
    expect(await getPayout(payer, id)).toMatchObject({ status: 'FAILED', reason: 'attempts_exhausted' });
    expect(await booksOf(payer, hal)).toMatchObject({
      overpaid: '-50.00',
      external: '50.00',
      payable: '70.00',
    });
    expect((await payer.verify()).balanced).toBe(true);
  }, 60_000);
});
