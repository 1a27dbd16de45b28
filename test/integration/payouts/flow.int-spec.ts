import { newId } from '../../../src/kernel/ids';
import { UnitOfWork } from '../../../src/kernel/tx';
import { Ledger } from '../../../src/modules/ledger';
import { payoutRequested } from '../../../src/modules/payouts/domain/accounting';
import { startApp, type TestApp, type TestTenant, until } from '../../support';
import { booksOf, railAccountOf, stripeOf } from '../transfers/support/books';
import { become, pay, shown, storyOf } from './support/payouts';

/** From the request to the end, with the whole program, a real relay and the simulator. */
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
  const transferOf = async (id: string) => (await shown(tenant, id)).transfer_id as string;

  /** What another payout is owed, for as long as nobody starts it. */
  const owe = (payer: TestTenant, recipientId: string, amountMinor: bigint) =>
    world.app.get(UnitOfWork, { strict: false }).run(payer.id, (tx) =>
      world.app.get(Ledger, { strict: false }).post(tx, [
        payoutRequested.build({
          payout: { id: newId(), recipientId, amountMinor, currency: 'USD' },
          actor: 'test',
        }),
      ]),
    );

  it('is paid by its transfer, and tells so', async () => {
    const ann = await person('ann');
    const { id } = await pay(tenant, ann);
    const paid = await become(tenant, id, 'COMPLETED');
    expect(paid).toMatchObject({ reason: null, finished_at: paid.updated_at });
    expect(await storyOf(tenant, id)).toMatchObject([
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

  it('fails with the reason of its transfer, and what was owed is taken back', async () => {
    const payer = await world.tenant();
    const bob = await person('bob', { connected: false }, payer);
    const { id } = await pay(payer, bob, '5.00', { rail: 'stripe' });
    expect(await become(payer, id, 'FAILED')).toMatchObject({ reason: 'DESTINATION_ACCOUNT_MISSING' });
    expect(await storyOf(payer, id)).toMatchObject([
      { to: 'NEW' },
      { to: 'PROCESSING' },
      { to: 'FAILED', reason: 'DESTINATION_ACCOUNT_MISSING' },
    ]);
    expect(await booksOf(payer, bob)).toEqual({});
    expect((await payer.verify()).balanced).toBe(true);
    const { transfer_id } = await shown(payer, id);
    const retried = await payer.call(
      'POST',
      `/transfers/${transfer_id}/retry`,
      { reason: 'once more' },
      { 'Idempotency-Key': 'retry-of-a-voided-payout' },
    );
    expect(retried).toMatchObject({ status: 409, body: { code: 'origin_ended' } });
  });

  it('on the manual rail waits for a person, by either route', async () => {
    const payer = await world.tenant();
    const cyn = await person('cyn', { connected: false }, payer);
    const [first, second, third] = [
      await pay(payer, cyn, '1.00'),
      await pay(payer, cyn, '2.00'),
      await pay(payer, cyn, '4.00'),
    ];
    for (const { id } of [first, second, third]) await become(payer, id, 'PROCESSING');
    expect(await payer.call('PATCH', `/payouts/${first.id}`, { status: 'COMPLETED' })).toMatchObject({
      status: 422,
      body: { code: 'bank_reference_missing' },
    });
    expect(
      await payer.must('PATCH', `/payouts/${first.id}`, { status: 'completed', external_id: 'SEPA-1' }),
    ).toMatchObject({ status: 'COMPLETED' });
    await payer.post(`/transfers/${(await shown(payer, second.id)).transfer_id}/mark-paid`, {
      reason: 'sent',
      external_id: 'SEPA-2',
    });
    await become(payer, second.id, 'COMPLETED');
    expect(
      await payer.must('PATCH', `/payouts/${third.id}`, {
        status: 'FAILED',
        reason: 'the account was closed',
      }),
    ).toMatchObject({ status: 'FAILED', reason: 'the account was closed' });
    expect(await booksOf(payer, cyn)).toMatchObject({ external: '3.00', funding: '-3.00' });
    expect((await payer.verify()).balanced).toBe(true);
  });

  it('that waits for money can be stopped, and is not paid when the money comes', async () => {
    const payer = await world.tenant({ balances: { usd: 0 } });
    const dan = await person('dan', {}, payer);
    const { id } = await pay(payer, dan, '9.00');
    const { transfer_id } = await become(payer, id, 'PROCESSING');
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
    'that is completed does not become %s',
    async (status) => {
      const { id } = await pay(tenant, await person(`eve-${status}`));
      const before = await become(tenant, id, 'COMPLETED');
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
      expect(await shown(tenant, id)).toEqual(before);
    },
  );

  it('whose transfer is cancelled fails, and says why', async () => {
    const payer = await world.tenant({ balances: { usd: 0 } });
    const { id } = await pay(payer, await person('fay', {}, payer), '9.00');
    const { transfer_id } = await become(payer, id, 'PROCESSING');
    await until(
      'its transfer waits for funds',
      async () =>
        (await payer.get<{ status: string }>(`/transfers/${transfer_id}`)).status === 'waiting_for_funds',
    );
    await payer.post(`/transfers/${transfer_id}/cancel`, { reason: 'a mistake' });
    expect(await become(payer, id, 'FAILED')).toMatchObject({ reason: 'a mistake' });
    expect((await payer.verify()).balanced).toBe(true);
  });

  it('stays paid when the money comes back, and its story says so', async () => {
    const gus = await person('gus');
    const { id } = await pay(tenant, gus, '8.00');
    await become(tenant, id, 'COMPLETED');
    const { stripe_transfer_id } = await tenant.get<{ stripe_transfer_id: string }>(
      `/transfers/${await transferOf(id)}`,
    );
    await stripeOf(tenant).transfers.createReversal(stripe_transfer_id, { amount: 3_00 });
    await world.simulator.flushWebhooks();
    await until('the reversal is told', async () =>
      (await storyOf(tenant, id)).some(({ type }) => type === 'reversed'),
    );
    expect(await shown(tenant, id)).toMatchObject({ status: 'COMPLETED' });
  });

  it("that failed and proves to be paid stays failed, takes no other payout's money, and its story says so", async () => {
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
    await become(payer, id, 'FAILED');
    await owe(payer, hal, 70_00n);
    await world.simulator.stopFaults();
    await world.simulator.flushWebhooks();
    await until('the late success is told', async () =>
      (await storyOf(payer, id)).some(({ type }) => type === 'paid_late'),
    );
    expect(await shown(payer, id)).toMatchObject({ status: 'FAILED', reason: 'attempts_exhausted' });
    expect(await booksOf(payer, hal)).toMatchObject({
      overpaid: '-50.00',
      external: '50.00',
      payable: '70.00',
    });
    expect((await payer.verify()).balanced).toBe(true);
  }, 60_000);
});
