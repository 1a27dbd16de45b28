import { Client } from 'pg';
import { startApp, type TestApp, type TestTenant } from '../../support';
import { bareTenant } from './support/bare-tenant';
import { providerBalance, railAccountOf, stripeAccountOf } from './support/books';

/**
 * Two tenants of one installation, each with a Stripe account of its own: neither can spend the other's money.
 */
describe('two tenants with a provider account each', () => {
  let world: TestApp;
  let poor: TestTenant;
  let rich: TestTenant;

  beforeAll(async () => {
    world = await startApp();
    poor = await world.tenant({ balances: { usd: 0 } });
    rich = await world.tenant({ balances: { usd: 500_00 } });
  });
  afterAll(() => world.close());

  /** What really happened at the provider, by the account it was paid from. */
  async function effectsAt(
    tenant: TestTenant,
  ): Promise<{ amount: number; destination: string; tenant: string | undefined }[]> {
    const { provider_account_id: platform } = await railAccountOf(tenant);
    const effects = (await world.simulator.allEffects()).filter((effect) => effect.platform === platform);
    return effects.map(({ amount, destination, metadata }) => ({
      amount,
      destination,
      tenant: metadata['disburse_tenant'],
    }));
  }

  it('are paid from their own funds: funds of one do not resume transfers of the other', async () => {
    const [poorAnn, richBob] = [
      (await poor.recipients(['ann'])).get('ann') as string,
      (await rich.recipients(['bob'])).get('bob') as string,
    ];
    const waiting = await poor.settle('contest', { ann: 50 });
    const paying = await rich.settle('contest', { bob: 50 });
    await poor.paid(waiting.id, (job) => job.counts['waiting_for_funds'] === 1);
    await expect(rich.paid(paying.id)).resolves.toMatchObject({ completed: 1 });
    await poor.tick('resume-funded-transfers');
    await rich.tick('resume-funded-transfers');
    await expect(poor.jobOf(waiting.id)).resolves.toMatchObject({
      status: 'processing',
      counts: { waiting_for_funds: 1 },
    });
    expect(await effectsAt(poor)).toEqual([]);
    expect(await effectsAt(rich)).toEqual([
      { amount: 50_00, destination: await stripeAccountOf(rich, richBob), tenant: rich.id },
    ]);
    await world.simulator.setBalance(poor.stripeKey, 'usd', 60_00);
    await poor.tick('resume-funded-transfers');
    await poor.paid(waiting.id);
    expect(await effectsAt(poor)).toEqual([
      { amount: 50_00, destination: await stripeAccountOf(poor, poorAnn), tenant: poor.id },
    ]);
    expect(await Promise.all([poor, rich].map(providerBalance))).toEqual([10_00, 450_00]);
  });

  it('cannot pay into an account that is connected to the other tenant', async () => {
    const [theirs] = await world.simulator.createAccounts({ platform: rich.stripeKey });
    const { id: recipientId } = await poor.must<{ id: string }>('POST', '/recipients', {
      type: 'INDIVIDUAL',
      name: 'cyn',
      country: 'US',
      external_id: 'cyn',
    });
    const connect = async (account: string) => {
      const { status, text } = await poor.call(
        'POST',
        `/recipients/${recipientId}/connected-account`,
        { stripe_account_id: account },
        { 'X-Request-Id': 'the-same' },
      );
      return [status, text.replaceAll(account, 'ACCOUNT')];
    };
    const rejection = await connect(theirs as string);
    expect(rejection).toEqual([422, expect.stringContaining('account_not_found')]);
    expect(rejection).toEqual(await connect('acct_sim_unknown'));
    const { id } = await poor.settle('contest-cyn', { cyn: 5 });
    await expect(poor.paid(id)).resolves.toMatchObject({ failed: 1 });
    const [transfer] = await poor.transfersOf(id);
    expect(transfer).toMatchObject({
      status: 'failed_terminal',
      reason: 'DESTINATION_ACCOUNT_MISSING',
      attempts: [],
    });
  });

  it('are refused by the provider when one names an account of the other', async () => {
    const dan = (await poor.recipients(['dan'])).get('dan') as string;
    const [theirs] = await world.simulator.createAccounts({ platform: rich.stripeKey });
    await asAdmin(`UPDATE recipients.connected_accounts SET stripe_account_id = $1 WHERE recipient_id = $2`, [
      theirs,
      dan,
    ]);
    const before = await Promise.all([poor, rich].map(effectsAt));
    const { id } = await poor.settle('contest-dan', { dan: 5 });
    await expect(poor.paid(id)).resolves.toMatchObject({ failed: 1 });
    const [transfer] = await poor.transfersOf(id);
    expect(transfer).toMatchObject({
      status: 'failed_terminal',
      provider_code: 'resource_missing',
      stripe_transfer_id: null,
    });
    expect(await Promise.all([poor, rich].map(effectsAt))).toEqual(before);
    await expect(poor.verify()).resolves.toMatchObject({ balanced: true });
  });

  it("cannot connect each other's provider account by any key of it", async () => {
    const { provider_account_id: account } = await railAccountOf(rich);
    const secondKey = 'sk_test_sim_second_key_of_the_rich';
    await world.simulator.registerPlatform({ secret_key: secondKey, account_id: account });
    const newcomer = await bareTenant(world);
    for (const key of [rich.stripeKey, secondKey]) {
      expect(await newcomer.call('PUT', '/connections/stripe', { secret_key: key })).toMatchObject({
        status: 409,
        body: { code: 'provider_account_taken' },
      });
      expect(await poor.call('PUT', '/connections/stripe', { secret_key: key })).toMatchObject({
        status: 409,
        body: { code: 'rail_account_exists' },
      });
    }
    expect(await newcomer.get('/connections/rail-accounts')).toEqual({
      results: [],
      next: null,
      previous: null,
    });
    expect(await rich.call('PUT', '/connections/stripe', { secret_key: secondKey })).toMatchObject({
      status: 200,
      body: { provider_account_id: account },
    });
  });

  it('cannot both connect one account, also when many try at once', async () => {
    const newcomers = await Promise.all(Array.from({ length: 6 }, () => bareTenant(world)));
    const key = 'sk_test_sim_wanted_by_all';
    await world.simulator.registerPlatform({ secret_key: key, balances: { usd: 100_00 } });
    const responses = await Promise.all(
      newcomers.map((newcomer) =>
        newcomer.call<{ code?: string }>('PUT', '/connections/stripe', { secret_key: key }),
      ),
    );
    expect(responses.map(({ status, body }) => body.code ?? status).sort()).toEqual([
      200,
      ...Array.from({ length: 5 }, () => 'provider_account_taken'),
    ]);
  });

  async function asAdmin(text: string, values: unknown[]): Promise<void> {
    const admin = new Client({ connectionString: world.urls.admin });
    await admin.connect();
    await admin.query(text, values).finally(() => admin.end());
  }
});
