import { startApp, type TestApp, type TestTenant, type TransferShown, until } from '../../support';
import { booksOf, providerBalance, railAccountOf } from './support/books';
import { requestManualTransfer } from './support/manual-transfers';

/**
 * The provider paid, its response was lost and its lists were incomplete. A later event proves the payment after
 * the money was released.
 */
describe('a transfer that was released and is then proved to be paid', () => {
  let world: TestApp;

  beforeAll(async () => {
    world = await startApp({
      env: { TRANSFER_SWEEP_EVERY_MS: '200', TRANSFER_SAFE_WINDOW_MS: '1000', TRANSFER_QUARANTINE_MS: '200' },
    });
    await world.simulator.pauseWebhooks();
  });
  afterAll(() => world.close());

  interface Released {
    readonly tenant: TestTenant;
    readonly recipientId: string;
    readonly settlementId: string;
    readonly transfer: TransferShown;
  }

  /** One award of 50.00: paid at the provider, and given up here after two look-ups that found nothing. */
  async function releasedThoughPaid(name: string): Promise<Released> {
    const tenant = await world.tenant({ balances: { usd: 1_000_00 } });
    await tenant.listen();
    await tenant.must('PUT', '/tenant/settings', { allowed_currencies: ['USD'], max_attempts: 1 });
    const recipientId = (await tenant.recipients([name])).get(name) as string;
    const match = { path: '/v1/transfers', platform: (await railAccountOf(tenant)).provider_account_id };
    await world.simulator.scriptFaults(
      { kind: 'lose_answer', match: { ...match, method: 'POST' }, times: 5 },
      { kind: 'list_lags', match: { ...match, method: 'GET' }, times: 5, lag_ms: 3_600_000 },
    );
    const { id: settlementId } = await tenant.settle(`contest-${name}`, { [name]: 50 });
    await tenant.paid(settlementId);
    await world.simulator.stopFaults();
    const [transfer] = await tenant.transfersOf(settlementId);
    expect(transfer).toMatchObject({
      status: 'failed_terminal',
      reason: 'attempts_exhausted',
      stripe_transfer_id: null,
    });
    expect(
      transfer?.attempts.filter(({ call, outcome }) => call === 'look_up' && outcome === 'found'),
    ).toHaveLength(2);
    expect(await booksOf(tenant, recipientId)).toEqual({ funding: '-50.00', payable: '50.00' });
    expect(await providerBalance(tenant)).toBe(950_00);
    return { tenant, recipientId, settlementId, transfer: transfer as TransferShown };
  }

  async function proved({ tenant, settlementId }: Released): Promise<TransferShown> {
    await world.simulator.flushWebhooks();
    return until('the late success is booked', async () => {
      const [transfer] = await tenant.transfersOf(settlementId);
      return transfer?.status === 'completed' ? transfer : null;
    });
  }

  it('takes the money that it had released', async () => {
    const released = await releasedThoughPaid('ann');
    const paid = await proved(released);
    expect(paid).toMatchObject({ reason: null, evidence: [{ source: 'event' }], openings: 1 });
    expect(await booksOf(released.tenant, released.recipientId)).toEqual({
      funding: '-50.00',
      external: '50.00',
    });
    await expect(released.tenant.verify()).resolves.toMatchObject({ balanced: true });
  });

  it('is booked as overpaid as far as the money was used elsewhere', async () => {
    const released = await releasedThoughPaid('bob');
    const { tenant, recipientId, transfer } = released;
    const manual = await requestManualTransfer(world, tenant, { recipientId, amountMinor: 30_00n });
    await tenant.post(`/transfers/${manual}/mark-paid`, { reason: 'sent by wire', external_id: 'WIRE-77' });
    expect(await booksOf(tenant, recipientId)).toMatchObject({ payable: '20.00' });
    expect(await proved(released)).toMatchObject({
      id: transfer.id,
      status: 'completed',
      evidence: [{ source: 'event' }],
    });
    expect(await booksOf(tenant, recipientId)).toMatchObject({ funding: '-50.00', overpaid: '-30.00' });
    await expect(tenant.verify()).resolves.toMatchObject({ balanced: true });
  });

  it("is completed, and not sent again, when an operator's look-up finds it", async () => {
    const released = await releasedThoughPaid('cyn');
    const { tenant, recipientId, transfer } = released;
    const shown = await tenant.post<TransferShown>(`/transfers/${transfer.id}/retry`, {
      reason: 'she says that nothing came',
    });
    expect(shown).toMatchObject({ status: 'completed', openings: 1, evidence: [{ source: 'look_up' }] });
    await proved(released);
    expect(await booksOf(tenant, recipientId)).toEqual({ funding: '-50.00', external: '50.00' });
    expect(await providerBalance(tenant)).toBe(950_00);
    await expect(tenant.verify()).resolves.toMatchObject({ balanced: true });
  });
});
