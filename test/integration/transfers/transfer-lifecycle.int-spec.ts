import { startApp, type TestApp, type TestTenant, type TransferShown, until } from '../../support';
import { booksOf, providerBalance, railAccountOf, stripeAccountOf, stripeOf } from './support/books';

/**
 * One transfer from the first posting to the last, each step through the API or the provider, the books read
 * after each.
 */
describe('the money of a transfer', () => {
  let world: TestApp;
  let tenant: TestTenant;
  let railAccount: string;
  let recipientId: string;
  let destination: string;
  let settlementId: string;
  let providerTransferId: string;

  beforeAll(async () => {
    world = await startApp({ env: { TRANSFER_SWEEP_EVERY_MS: '200', TRANSFER_QUARANTINE_MS: '200' } });
    tenant = await world.tenant({ balances: { usd: 1_000_00 } });
    await tenant.listen();
    ({ id: railAccount } = await railAccountOf(tenant));
    recipientId = (await tenant.recipients(['ann'])).get('ann') as string;
    destination = await stripeAccountOf(tenant, recipientId);
  });
  afterAll(() => world.close());
  // After every step the ledger is balanced, and the external account equals the balance at the provider.
  afterEach(async () => {
    await expect(tenant.verify()).resolves.toMatchObject({ balanced: true });
    const { external = '0.00' } = await booksOf(tenant, recipientId);
    expect(Number(external.replace('.', ''))).toBe(-(await providerBalance(tenant)));
  });

  const books = () => booksOf(tenant, recipientId);

  async function transfer(): Promise<TransferShown> {
    return (await tenant.transfersOf(settlementId))[0] as TransferShown;
  }

  function becomes(status: string): Promise<TransferShown> {
    return until(`the transfer is ${status}`, async () => {
      const seen = await transfer();
      return seen.status === status ? seen : null;
    });
  }

  const pause = () =>
    tenant.post(`/operations/rail-accounts/${railAccount}/pause`, { reason: 'one step at a time' });
  const resume = () =>
    tenant.post(`/operations/rail-accounts/${railAccount}/resume`, { reason: 'the next step' });

  it('is first at the provider, as funding', async () => {
    await tenant.post('/operations/funding-facts', {
      rail_account_id: railAccount,
      direction: 'in',
      amount: '1000.00',
      currency: 'USD',
      reference: 'wire-1',
      reason: 'statement page 3',
    });
    expect(await books()).toEqual({ external: '-1000.00', funding: '1000.00' });
  });

  it('is payable after a settlement was recorded, less the platform share', async () => {
    const awards = [{ external_id: 'ann', amount: '90.00' }];
    const recorded = await tenant.post<{ id: string }>('/settlements', {
      contest_id: 'life',
      currency: 'USD',
      pool: '100.00',
      platform_share: '10.00',
      awards,
    });
    settlementId = recorded.id;
    expect(await books()).toEqual({
      external: '-1000.00',
      funding: '900.00',
      platform_share: '10.00',
      payable: '90.00',
    });
  });

  it('is reserved when the transfer is created', async () => {
    await pause();
    await tenant.paid(settlementId, (job) => job.total === 1);
    expect(await transfer()).toMatchObject({ status: 'pending', openings: 1, attempts: [] });
    expect(await books()).toEqual({
      external: '-1000.00',
      funding: '900.00',
      platform_share: '10.00',
      reserved: '90.00',
    });
  });

  it('is released when the account is closed', async () => {
    await world.simulator.changeAccount(destination, { refuse_with: 'account_closed' });
    await resume();
    await tenant.paid(settlementId);
    expect(await transfer()).toMatchObject({ status: 'failed_terminal', reason: 'stripe_invalid_account' });
    expect(await books()).toEqual({
      external: '-1000.00',
      funding: '900.00',
      platform_share: '10.00',
      payable: '90.00',
    });
  });

  it('is reserved again when an operator re-opens the transfer', async () => {
    await world.simulator.changeAccount(destination, { refuse_with: null });
    await pause();
    const { id } = await transfer();
    await tenant.post(`/transfers/${id}/retry`, { reason: 'the bank opened the account again' });
    expect(await transfer()).toMatchObject({ status: 'pending', openings: 2 });
    expect(await books()).toEqual({
      external: '-1000.00',
      funding: '900.00',
      platform_share: '10.00',
      reserved: '90.00',
    });
  });

  it('is external when the transfer is completed', async () => {
    await resume();
    const paid = await becomes('completed');
    providerTransferId = paid.stripe_transfer_id as string;
    expect(paid).toMatchObject({ generation: 2, amount_reversed: '0.00' });
    expect(await books()).toEqual({ external: '-910.00', funding: '900.00', platform_share: '10.00' });
  });

  it('is returned in part when a part is reversed at the provider', async () => {
    await stripeOf(tenant).transfers.createReversal(providerTransferId, { amount: 30_00 });
    await until('the reversal is booked', async () => (await transfer()).amount_reversed === '30.00');
    expect(await transfer()).toMatchObject({ status: 'completed' });
    expect(await books()).toEqual({
      external: '-940.00',
      funding: '900.00',
      platform_share: '10.00',
      returned: '30.00',
    });
  });

  it('is returned in full when the rest is reversed, also when events repeat and arrive in another order', async () => {
    await world.simulator.pauseWebhooks();
    await world.simulator.setWebhookFaults({ seed: 'again', rates: { duplicated: 1 }, copies: 3 });
    await stripeOf(tenant).transfers.createReversal(providerTransferId, { amount: 20_00 });
    await stripeOf(tenant).transfers.createReversal(providerTransferId);
    expect(await world.simulator.flushWebhooks('reversed')).toBeGreaterThanOrEqual(6);
    await until('the reversals are booked', async () => (await transfer()).amount_reversed === '90.00');
    expect(await transfer()).toMatchObject({ status: 'completed', openings: 2 });
    expect(await books()).toEqual({
      external: '-1000.00',
      funding: '900.00',
      platform_share: '10.00',
      returned: '90.00',
    });
  });

  it('has one row for each call, each transition and each event', async () => {
    const { id, attempts, transitions } = await transfer();
    expect(attempts.map(({ call, outcome, generation }) => `${call} ${outcome} ${generation}`)).toEqual([
      'send refused 1',
      'look_up found 1',
      'send succeeded 2',
    ]);
    // A claim has an attempt and no transition (docs/adr/0015).
    expect(transitions.map(({ from, to }) => `${from} ${to}`)).toEqual([
      'processing failed_terminal',
      'failed_terminal pending',
      'processing completed',
    ]);
    const { results } = await tenant.get<{ results: { reference: string }[] }>('/ledger/entries?limit=100');
    const references = results
      .map(({ reference }) => reference)
      .filter((reference) => reference.includes(id))
      .sort();
    const reversals = references.filter((reference) => reference.startsWith(`transfer:${id}:reversed:`));
    expect(reversals).toHaveLength(3);
    expect(references).toEqual(
      [
        `transfer:${id}:completed`,
        `transfer:${id}:released:1`,
        `transfer:${id}:reserved:2`,
        ...reversals,
      ].sort(),
    );
  });
});
