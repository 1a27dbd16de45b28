import { SimulatorClient, startSimulator } from '../../src/simulator';
import { KEY, order, refusal, startBench, stripeFor } from './support';
import type { Bench } from './support';

const OTHER = 'sk_test_other_platform';

describe('platforms, keys and accounts at the simulator', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench();
  });
  afterEach(() => bench.simulator.close());

  it('are isolated from each other', async () => {
    const { simulator, stripe, payee } = bench;
    await simulator.registerPlatform({ secret_key: OTHER, balances: { usd: 5_000 } });
    const [stranger = ''] = await simulator.createAccounts({ platform: OTHER });
    const other = stripeFor(simulator, OTHER);
    const mine = await stripe.transfers.create(order(payee), { idempotencyKey: 'same' });
    const theirs = await other.transfers.create(order(stranger), { idempotencyKey: 'same' });

    expect(theirs.id).not.toBe(mine.id);
    expect(await refusal(stripe.transfers.create(order(stranger)))).toMatchObject({
      statusCode: 400,
      code: 'resource_missing',
      param: 'destination',
    });
    expect(await refusal(stripe.transfers.retrieve(theirs.id))).toMatchObject({ statusCode: 404 });
    expect(await refusal(stripe.accounts.retrieve(stranger))).toMatchObject({
      statusCode: 403,
      code: 'account_invalid',
    });
    expect((await stripe.transfers.list({ transfer_group: 'disburse_t1' })).data.map(({ id }) => id)).toEqual(
      [mine.id],
    );
    expect(
      (await stripe.events.list({ limit: 100 })).data.some(({ data }) =>
        JSON.stringify(data).includes(theirs.id),
      ),
    ).toBe(false);
    expect((await stripe.balance.retrieve()).available[0]?.amount).toBe(999_000);
    expect((await other.balance.retrieve()).available[0]?.amount).toBe(4_000);
    const own = await Promise.all(
      [stripe, other].map(async (client) => (await client.accounts.retrieveCurrent()).id),
    );
    expect(new Set(own).size).toBe(2);
  });

  it('reject unknown, revoked, expired and restricted keys as Stripe does', async () => {
    const { simulator, stripe, payee } = bench;
    expect(await refusal(stripeFor(simulator, 'sk_test_unknown').balance.retrieve())).toMatchObject({
      statusCode: 401,
      type: 'StripeAuthenticationError',
    });
    const pay = (): Promise<unknown> => stripe.transfers.create(order(payee), { idempotencyKey: 'k' });
    await simulator.setKeyState(KEY, 'revoked');
    expect(await refusal(pay())).toMatchObject({ statusCode: 401 });
    await simulator.setKeyState(KEY, 'expired');
    expect(await refusal(pay())).toMatchObject({ statusCode: 401, code: 'api_key_expired' });
    await simulator.setKeyState(KEY, 'restricted');
    expect(await refusal(pay())).toMatchObject({ statusCode: 403, type: 'StripePermissionError' });
    await simulator.setKeyState(KEY, 'active');
    await pay();
    expect(await simulator.allEffects()).toHaveLength(1);
  });

  it('reject live keys, on the wire and in a registration', async () => {
    const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const error = await refusal(stripeFor(bench.simulator, 'sk_live_4242424242424242').balance.retrieve());
    expect(error).toMatchObject({ statusCode: 401 });
    expect(error.message).toContain('rejects live keys');
    expect(error.message).not.toContain('42424242424');
    expect(said.mock.calls.join()).toContain('LIVE key');
    await expect(bench.simulator.registerPlatform({ secret_key: 'rk_live_1' })).rejects.toThrow('live keys');
  });

  it('register any sk_test_sim_ key automatically, unless auto_register is false', async () => {
    const fresh = stripeFor(bench.simulator, 'sk_test_sim_never_seen');
    expect((await fresh.accounts.retrieveCurrent()).id).toMatch(/^acct_sim_/);
    const strict = await startSimulator({ auto_register: false });
    expect(await refusal(stripeFor(strict, 'sk_test_sim_never_seen').balance.retrieve())).toMatchObject({
      statusCode: 401,
    });
    await strict.close();
  });

  it('accept a second key of a platform, for rotation', async () => {
    const { simulator, stripe } = bench;
    const { id } = await stripe.accounts.retrieveCurrent();
    await simulator.registerPlatform({ secret_key: 'sk_test_sim_second', account_id: id });
    await simulator.setKeyState(KEY, 'revoked');
    expect((await stripeFor(simulator, 'sk_test_sim_second').balance.retrieve()).available[0]?.amount).toBe(
      1_000_000,
    );
  });

  it('onboard a recipient by a link that works once', async () => {
    const { stripe, simulator } = bench;
    const account = await stripe.accounts.create({
      type: 'express',
      country: 'US',
      email: 'ann@example.com',
      capabilities: { transfers: { requested: true } },
    });
    expect(account).toMatchObject({
      type: 'express',
      capabilities: { transfers: 'inactive' },
      charges_enabled: false,
      details_submitted: false,
    });
    expect(account.requirements?.currently_due?.length).toBeGreaterThan(0);
    expect(await refusal(stripe.transfers.create(order(account.id)))).toMatchObject({
      code: 'insufficient_capabilities_for_transfer',
    });
    const link = await stripe.accountLinks.create({
      account: account.id,
      refresh_url: 'https://a.example/again',
      return_url: 'https://a.example/back',
      type: 'account_onboarding',
    });
    const open = async (): Promise<string | null> =>
      (await fetch(link.url, { redirect: 'manual' })).headers.get('location');
    expect(await open()).toBe('https://a.example/back');
    expect(await stripe.accounts.retrieve(account.id)).toMatchObject({
      capabilities: { transfers: 'active' },
      requirements: { currently_due: [] },
      charges_enabled: false,
    });
    await stripe.transfers.create(order(account.id));
    expect(await open()).toBe('https://a.example/again');
    const late = await stripe.accountLinks.create({
      account: account.id,
      refresh_url: 'https://a.example/again',
      return_url: 'https://a.example/back',
      type: 'account_onboarding',
    });
    await simulator.advanceClock(10 * 60_000);
    expect((await fetch(late.url, { redirect: 'manual' })).headers.get('location')).toBe(
      'https://a.example/again',
    );
  });

  it('create many accounts at once, with given or generated ids', async () => {
    const { simulator } = bench;
    const many = await simulator.createAccounts({ platform: KEY, count: 500 });
    expect(new Set(many).size).toBe(500);
    expect(
      await simulator.createAccounts({ platform: KEY, ids: ['acct_sim_ann'], capability: 'inactive' }),
    ).toEqual(['acct_sim_ann']);
    expect((await bench.stripe.accounts.retrieve('acct_sim_ann')).capabilities).toEqual({
      transfers: 'inactive',
    });
    expect(await bench.stripe.accounts.retrieveCurrent({}, { stripeAccount: 'acct_sim_ann' })).toMatchObject({
      id: 'acct_sim_ann',
    });
  });

  it('store customers, payment intents and payouts', async () => {
    const { stripe } = bench;
    const customer = await stripe.customers.create({ email: 'ann@example.com', metadata: { user: '1' } });
    await stripe.customers.create({ email: 'bob@example.com' });
    expect((await stripe.customers.list({ email: 'ann@example.com' })).data).toMatchObject([
      { id: customer.id, object: 'customer' },
    ]);
    const intent = await stripe.paymentIntents.create({
      amount: 500,
      currency: 'eur',
      customer: customer.id,
    });
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      amount: 500,
      currency: 'eur',
      status: 'requires_payment_method',
    });
    expect(await refusal(stripe.paymentIntents.create({ amount: 49, currency: 'usd' }))).toMatchObject({
      code: 'amount_too_small',
    });
    expect((await stripe.payouts.create({ amount: 100_000, currency: 'usd' })).id).toMatch(/^po_sim_/);
    expect((await stripe.balance.retrieve()).available[0]?.amount).toBe(900_000);
    expect(await refusal(stripe.payouts.create({ amount: 900_001, currency: 'usd' }))).toMatchObject({
      code: 'balance_insufficient',
    });
  });

  it('have the same control calls over HTTP and in this process', async () => {
    const { simulator, stripe, payee } = bench;
    const client = new SimulatorClient(simulator.url);
    await client.setBalance(KEY, 'eur', { available: 10, pending: 20 });
    await stripe.transfers.create(order(payee, { amount: 4, currency: 'eur' }));
    expect(await client.allEffects()).toEqual(await simulator.allEffects());
    expect(await client.allCalls()).toEqual(await simulator.allCalls());
    expect(await client.platforms()).toMatchObject([
      {
        balances: { usd: { available: 1_000_000 }, eur: { available: 6, pending: 20 } },
        accounts: 1,
        transfers: 1,
      },
    ]);
    expect(await client.stats()).toMatchObject({ calls: 1, effects: 1, transfers: 1, by_status: { 200: 1 } });
    await expect(client.setBalance('acct_sim_missing', 'usd', 1)).rejects.toThrow('no such platform');
    await client.reset();
    expect(await simulator.platforms()).toEqual([]);
    expect(await simulator.allCalls()).toEqual([]);
  });

  it('record every call with its fault and its outcome, in pages, up to the configured number', async () => {
    const small = await startBench({ log_max: 20 });
    for (let made = 0; made < 30; made += 1)
      await small.stripe.transfers.create(order(small.payee), { idempotencyKey: `k${made}` });
    const calls = await small.simulator.allCalls();
    expect(calls.length).toBeGreaterThanOrEqual(20);
    expect(calls.length).toBeLessThanOrEqual(22);
    expect(calls.at(-1)).toMatchObject({
      seq: 30,
      method: 'POST',
      path: '/v1/transfers',
      idempotency_key: 'k29',
      transfer_group: 'disburse_t1',
      metadata: { transfer: 't1' },
      fault: null,
      effect: true,
      replayed: false,
      status: 200,
      outcome: 'answered',
    });
    const page = await small.simulator.log({ since: 25, limit: 2 });
    expect(page.rows.map(({ seq }) => seq)).toEqual([26, 27]);
    expect(page.next).toBe(27);
    expect((await small.simulator.log({ since: 30 })).next).toBeNull();
    expect((await small.simulator.allEffects()).map(({ seq }) => seq)).toEqual(
      Array.from({ length: 30 }, (_none, index) => index + 1),
    );
    await small.simulator.close();
  });
});
