import Stripe from 'stripe';
import { accounts, Ledger } from '../../../src/modules/ledger';
import { Connections, FundsArrived, ProviderEventFunds } from '../../../src/modules/connections';
import { RailWorld } from './support/rail-world';

type Connected = Awaited<ReturnType<RailWorld['connected']>>;

describe('money at the provider', () => {
  let world: RailWorld;

  beforeAll(async () => {
    world = await RailWorld.start();
  });
  afterAll(() => world.close());

  const stripeOf = (tenant: Connected) => new Stripe(tenant.secretKey, world.stripe.stripeConfig);
  const topUp = (tenant: Connected, amount: number) =>
    stripeOf(tenant).topups.create({ amount, currency: 'usd', description: 'for contests' });
  const booked = (tenant: Connected, railAccountId = tenant.railAccountId) =>
    world.db.uow.run(tenant.tenant, (tx) =>
      world.app
        .get(Ledger, { strict: false })
        .balancesOf(tx, [accounts.funding('USD'), accounts.external(railAccountId, 'USD')]),
    );
  const arrivals = (tenant: Connected) =>
    world.outbox.of(tenant.tenant, FundsArrived.name).map((told) => told.payload);
  const tell = (tenant: Connected, type: string, objectId: string) =>
    world.outbox.handle(tenant.tenant, [
      {
        id: 'told',
        name: ProviderEventFunds.name,
        occurredAt: new Date(),
        payload: {
          endpoint_id: 'e',
          rail_account_id: tenant.railAccountId,
          provider_event_id: 'evt',
          object_id: objectId,
          type,
        },
      },
    ]);

  it('is booked once, whether the event or the poll sees it first, and however often', async () => {
    const tenant = await world.connected();
    const { id } = await topUp(tenant, 90_000);
    await tell(tenant, 'topup.succeeded', id);
    await tell(tenant, 'topup.succeeded', id);
    await Promise.all([
      world.runJob('funding-poll', tenant.tenant),
      world.runJob('funding-poll', tenant.tenant),
    ]);
    expect(await booked(tenant)).toEqual([90_000n, -90_000n]);
    const facts = await world.rows(
      tenant.tenant,
      'SELECT source, reference, direction, amount_minor, currency FROM connections.funding_facts',
    );
    expect(facts).toEqual([
      { source: 'provider', reference: id, direction: 'in', amount_minor: 90_000n, currency: 'USD' },
    ]);
    expect(arrivals(tenant)[0]).toEqual({ rail_account_id: tenant.railAccountId, currency: 'USD' });
  });

  it('is believed as it is read at the provider, not as an event says', async () => {
    const tenant = await world.connected();
    await tell(tenant, 'topup.succeeded', 'tu_that_never_was');
    expect(await booked(tenant)).toEqual([0n, 0n]);
    expect(arrivals(tenant)).toEqual([]);
  });

  it('is found by the poll where no event came, and told when the balance changed', async () => {
    const tenant = await world.connected();
    await topUp(tenant, 500);
    expect(await world.runJob('funding-poll', tenant.tenant)).toEqual({
      found: 1,
      done: 1,
      failed: 0,
      skipped: [],
    });
    expect(await booked(tenant)).toEqual([500n, -500n]);
    const told = arrivals(tenant).length;
    await world.runJob('funding-poll', tenant.tenant);
    expect(arrivals(tenant)).toHaveLength(told);
    await world.stripe.setBalance(tenant.secretKey, 'usd', 800);
    await world.runJob('funding-poll', tenant.tenant);
    expect(arrivals(tenant)).toHaveLength(told + 1);
    await world.stripe.setBalance(tenant.secretKey, 'usd', 0);
    await world.runJob('funding-poll', tenant.tenant);
    expect(arrivals(tenant)).toHaveLength(told + 1);
  });

  it('of one tenant is read although the key of another no longer works', async () => {
    const [broken, well] = [await world.connected(), await world.connected()];
    await world.stripe.setKeyState(broken.secretKey, 'revoked');
    await topUp(well, 700);
    const summary = await world.runJob('funding-poll');
    expect(summary.failed).toBe(1);
    expect(summary.done).toBe(summary.found - 1);
    expect(await booked(well)).toEqual([700n, -700n]);
  });

  it('of a paused account is not asked for, and the run says so', async () => {
    const tenant = await world.connected();
    const url = `/api/v1/operations/rail-accounts/${tenant.railAccountId}`;
    await world.send(tenant, { method: 'POST', url: `${url}/pause`, payload: { reason: 'checking' } });
    expect(await world.runJob('funding-poll', tenant.tenant)).toEqual({
      found: 1,
      done: 0,
      failed: 0,
      skipped: [{ reason: 'rail_account_paused', count: 1 }],
    });
  });

  it('is shown fresh, and as last read when the provider is away', async () => {
    const tenant = await world.connected({ usd: 1_234, jpy: 50 });
    const connections = world.app.get(Connections, { strict: false });
    await world.runJob('funding-poll', tenant.tenant);
    await world.stripe.setBalance(tenant.secretKey, 'usd', 2_000);
    const [fresh] = await connections.fundingOf(tenant.tenant);
    expect(fresh?.available.map((b) => [b.currency, b.availableMinor, b.source])).toEqual([
      ['USD', 2_000n, 'provider'],
      ['JPY', 50n, 'provider'],
    ]);
    await world.stripe.setKeyState(tenant.secretKey, 'revoked');
    const [cached] = await connections.fundingOf(tenant.tenant);
    expect(cached?.available.map((b) => [b.currency, b.availableMinor, b.source])).toEqual([
      ['JPY', 50n, 'cached'],
      ['USD', 1_234n, 'cached'],
    ]);
    expect(cached?.account.id).toBe(tenant.railAccountId);
  });

  describe('recorded by an operator', () => {
    const record = (tenant: Connected, over: Record<string, unknown> = {}, key = 'operator-key-1') =>
      world.send(tenant, {
        method: 'POST',
        url: '/api/v1/operations/funding-facts',
        headers: { 'idempotency-key': key },
        payload: {
          rail_account_id: tenant.railAccountId,
          direction: 'in',
          amount: '900.00',
          currency: 'usd',
          reference: 'wire-77',
          reason: 'statement page 3',
          ...over,
        },
      });

    it('counts once: repeated by its key, and refused under another', async () => {
      const tenant = await world.connected();
      const first = await record(tenant);
      expect([first.statusCode, first.json()]).toMatchObject([
        201,
        { amount: '900.00', currency: 'USD', direction: 'in', reference: 'wire-77' },
      ]);
      const again = await record(tenant);
      expect([again.statusCode, again.headers['idempotent-replayed'], again.body]).toEqual([
        200,
        'true',
        first.body,
      ]);
      expect((await record(tenant, {}, 'operator-key-2')).json()).toMatchObject({
        status: 409,
        code: 'funding_fact_exists',
      });
      expect(await booked(tenant)).toEqual([90_000n, -90_000n]);
      expect(
        (await record(tenant, { direction: 'out', amount: '100.00', reference: 'po_1' }, 'operator-key-3'))
          .statusCode,
      ).toBe(201);
      expect(await booked(tenant)).toEqual([80_000n, -80_000n]);
    });

    it('is not counted again when the provider tells of the same top-up later', async () => {
      const tenant = await world.connected();
      const { id } = await topUp(tenant, 90_000);
      await record(tenant, { reference: id });
      await world.runJob('funding-poll', tenant.tenant);
      expect(await booked(tenant)).toEqual([90_000n, -90_000n]);
    });

    it('needs a key, an amount above zero, a currency, an account of the tenant and the scope', async () => {
      const [tenant, other] = [await world.connected(), await world.connected()];
      const withoutKey = await world.send(tenant, {
        method: 'POST',
        url: '/api/v1/operations/funding-facts',
        payload: {},
      });
      expect(withoutKey.json()).toMatchObject({ status: 400, code: 'idempotency_key_missing' });
      expect((await record(tenant, { amount: '0.00' })).json()).toMatchObject({
        status: 422,
        code: 'invalid_amount',
      });
      expect((await record(tenant, { amount: '1.005' })).json()).toMatchObject({
        status: 422,
        code: 'invalid_amount',
      });
      expect((await record(tenant, { currency: 'XXX' })).json()).toMatchObject({
        status: 422,
        code: 'invalid_currency',
      });
      expect((await record(tenant, { reason: ' ' })).json()).toMatchObject({
        status: 422,
        errors: { reason: [expect.any(String)] },
      });
      expect((await record(tenant, { rail_account_id: other.railAccountId })).json()).toMatchObject({
        status: 404,
        code: 'rail_account_not_found',
      });
      const reader = await world.caller(['*:read']);
      expect(
        (
          await world.send(reader, {
            method: 'POST',
            url: '/api/v1/operations/funding-facts',
            headers: { 'idempotency-key': 'reader-key' },
            payload: {},
          })
        ).statusCode,
      ).toBe(403);
      expect(await booked(other)).toEqual([0n, 0n]);
    });
  });
});
