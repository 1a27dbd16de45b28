import Stripe from 'stripe';
import { accounts, Ledger } from '../../../src/modules/ledger';
import { FundsArrived, ProviderEventAccount, ProviderEventFunds } from '../../../src/modules/connections';
import { RecipientPayable, Recipients } from '../../../src/modules/recipients';
import { RailWorld } from './support/rail-world';

describe('from a change at Stripe to those who wait for it', () => {
  let world: RailWorld;
  let tenant: Awaited<ReturnType<RailWorld['connected']>>;

  beforeAll(async () => {
    world = await RailWorld.start();
    tenant = await world.connected();
    await world.app.listen(0, '127.0.0.1');
    await world.stripe.pauseWebhooks();
    for (const [family, connect] of [
      ['account', false],
      ['connect', true],
    ] as const) {
      const secret = `whsec_of_the_${family}_family`;
      const opened = await world.send(tenant, {
        method: 'POST',
        url: '/api/v1/connections/webhook-endpoints',
        payload: { family, secret },
      });
      const url = new URL(opened.json<{ path: string }>().path, await world.app.getUrl()).href;
      await world.stripe.addWebhook(tenant.secretKey, { url, secret, connect });
    }
  });
  afterAll(() => world.close());

  it('takes the events Stripe sends and signs, in whatever order, however often', async () => {
    const [stripeAccount] = await world.stripe.createAccounts({
      platform: tenant.secretKey,
      capability: 'pending',
    });
    const payload = { type: 'INDIVIDUAL', name: 'Ann', country: 'US' };
    const { id } = (await world.send(tenant, { method: 'POST', url: '/api/v1/recipients', payload })).json<{
      id: string;
    }>();
    await world.send(tenant, {
      method: 'POST',
      url: `/api/v1/recipients/${id}/connected-account`,
      payload: { stripe_account_id: stripeAccount },
    });
    await world.stripe.setWebhookFaults({
      seed: 'whole way',
      rates: { duplicated: 0.5, forged: 0.3, old_timestamp: 0.2 },
      copies: 5,
    });
    await new Stripe(tenant.secretKey, world.stripe.stripeConfig).topups.create({
      amount: 90_000,
      currency: 'usd',
      description: 'for contests',
    });
    await world.stripe.changeAccount(stripeAccount as string, { capability: 'inactive' });
    await world.stripe.changeAccount(stripeAccount as string, { capability: 'active' });
    expect(await world.stripe.flushWebhooks('reversed')).toBeGreaterThan(4);

    expect(await world.outbox.deliver(tenant.tenant, ProviderEventAccount.name)).toBeGreaterThan(0);
    expect(await world.outbox.deliver(tenant.tenant, ProviderEventFunds.name)).toBeGreaterThan(0);

    expect(world.outbox.of(tenant.tenant, RecipientPayable.name).map((told) => told.payload)).toEqual([
      { recipient_id: id },
    ]);
    expect(world.outbox.of(tenant.tenant, FundsArrived.name).map((told) => told.payload)).toContainEqual({
      rail_account_id: tenant.railAccountId,
      currency: 'USD',
    });
    const [payable, funding] = await world.db.uow.run(tenant.tenant, async (tx) => [
      (await world.app.get(Recipients, { strict: false }).payableOf(tx, [id])).get(id),
      await world.app
        .get(Ledger, { strict: false })
        .balancesOf(tx, [accounts.funding('USD'), accounts.external(tenant.railAccountId, 'USD')]),
    ]);
    expect([payable, funding]).toEqual([
      { stripeAccountId: stripeAccount, transfersCapability: 'active', isActive: true },
      [90_000n, -90_000n],
    ]);
    const refused = (await world.stripe.allDeliveries()).filter(
      (delivery) => delivery.fault === 'forged' || delivery.fault === 'old_timestamp',
    );
    expect(refused.length).toBeGreaterThan(0);
    for (const delivery of refused) expect(delivery.status).toBe(400);
  });
});
