import { KEY, order, startBench } from './support';
import type { Bench } from './support';
import { WebhookSink } from './webhook-sink';

describe('webhooks of the simulator', () => {
  let bench: Bench;
  let sink: WebhookSink;

  beforeEach(async () => {
    [bench, sink] = await Promise.all([startBench({ webhook_retry_ms: [1, 1] }), WebhookSink.open()]);
    sink.secret = (await bench.simulator.addWebhook(KEY, { url: sink.url })).secret;
  });
  afterEach(async () => {
    await bench.simulator.close();
    await sink.close();
  });

  const pay = async (count = 1): Promise<string[]> => {
    const ids: string[] = [];
    for (let made = 0; made < count; made += 1)
      ids.push((await bench.stripe.transfers.create(order(bench.payee))).id);
    return ids;
  };

  it('have a signature that stripe-node accepts', async () => {
    const [id = ''] = await pay();
    await bench.stripe.transfers.update(id, { metadata: { seen: 'yes' } });
    await bench.stripe.transfers.createReversal(id);
    await bench.stripe.topups.create({ amount: 7, currency: 'usd' });
    await bench.simulator.changeAccount(bench.payee, { capability: 'inactive' });
    await sink.received(7);
    const types = sink.genuine.map(({ type }) => type).sort();
    expect(types).toEqual([
      'account.updated',
      'balance.available',
      'topup.created',
      'topup.succeeded',
      'transfer.created',
      'transfer.reversed',
      'transfer.updated',
    ]);
    expect(sink.genuine.find(({ type }) => type === 'account.updated')).toMatchObject({
      account: bench.payee,
      objectId: bench.payee,
    });
    expect(sink.genuine.find(({ type }) => type === 'transfer.created')).toMatchObject({ objectId: id });
  });

  it('can be read again as events', async () => {
    const [id = ''] = await pay();
    const events = await bench.stripe.events.list({ type: 'transfer.created' });
    expect(events.data).toMatchObject([
      { object: 'event', type: 'transfer.created', data: { object: { id, amount: 1_000 } }, livemode: false },
    ]);
    expect((await bench.stripe.events.retrieve(events.data[0]?.id ?? '')).data.object).toMatchObject({ id });
  });

  it('are retried until the endpoint accepts them', async () => {
    sink.responses.push(500, 302);
    await pay();
    await sink.received(3);
    await bench.simulator.flushWebhooks();
    const deliveries = await bench.simulator.allDeliveries();
    expect(deliveries.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 500],
      [2, 302],
      [3, 200],
    ]);
    expect(new Set(sink.arrived.map(({ id }) => id)).size).toBe(1);
  });

  it('are sent only to endpoints that subscribe to the type and the kind of account', async () => {
    const [own, connect] = await Promise.all([WebhookSink.open(), WebhookSink.open()]);
    const { simulator, stripe } = bench;
    own.secret =
      (await stripe.webhookEndpoints.create({ url: own.url, enabled_events: ['transfer.created'] })).secret ??
      '';
    connect.secret =
      (await stripe.webhookEndpoints.create({ url: connect.url, enabled_events: ['*'], connect: true }))
        .secret ?? '';
    await pay();
    await simulator.changeAccount(bench.payee, { capability: 'pending' });
    await simulator.emitEvent({
      platform: KEY,
      type: 'payout.paid',
      object: { id: 'po_sim_1', object: 'payout' },
      account: bench.payee,
    });
    await simulator.flushWebhooks();
    expect(own.genuine.map(({ type }) => type)).toEqual(['transfer.created']);
    expect(connect.genuine.map(({ type }) => type)).toEqual(['account.updated', 'payout.paid']);
    expect((await stripe.webhookEndpoints.list()).data).toHaveLength(3);
    await Promise.all([own.close(), connect.close()]);
  });

  it.each(['created', 'reversed'] as const)(
    'wait while paused and are flushed in the given order: %s',
    async (how) => {
      await bench.simulator.pauseWebhooks();
      const ids = await pay(5);
      expect(sink.arrived).toEqual([]);
      expect(await bench.simulator.flushWebhooks(how)).toBe(5);
      expect(sink.genuine.map(({ objectId }) => objectId)).toEqual(
        how === 'created' ? ids : [...ids].reverse(),
      );
      expect(await bench.simulator.health()).toMatchObject({ deliveries_waiting: 0 });
      await bench.simulator.resumeWebhooks();
      await pay();
      await sink.received(6);
    },
  );

  it('are shuffled in the same order for the same seed', async () => {
    await bench.simulator.pauseWebhooks();
    const ids = await pay(8);
    await bench.simulator.flushWebhooks('shuffled', 'a');
    const shuffled = sink.genuine.map(({ objectId }) => objectId);
    expect(shuffled).not.toEqual(ids);
    expect([...shuffled].sort()).toEqual([...ids].sort());
  });

  it('arrive as often as configured when duplicated', async () => {
    await bench.simulator.setWebhookFaults({ rates: { duplicated: 1 }, copies: 50 });
    await pay();
    await sink.received(50);
    expect(new Set(sink.genuine.map(({ id }) => id)).size).toBe(1);
    expect((await bench.simulator.stats()).deliveries_by_fault).toEqual({ duplicated: 50 });
  });

  it.each(['forged', 'altered', 'old_timestamp'] as const)(
    '%s: stripe-node refuses it, the true one follows',
    async (fault) => {
      await bench.simulator.setWebhookFaults({ rates: { [fault]: 1 } });
      const ids = await pay(3);
      await bench.simulator.flushWebhooks();
      expect(sink.genuine.map(({ objectId }) => objectId).sort()).toEqual([...ids].sort());
      expect(sink.arrived.filter(({ genuine }) => !genuine)).toHaveLength(3);
      expect(await bench.simulator.stats()).toMatchObject({
        bad_deliveries_accepted: 0,
        deliveries_by_fault: { [fault]: 3 },
      });
    },
  );

  it('counts a bad delivery that the endpoint accepts', async () => {
    await bench.simulator.setWebhookFaults({ rates: { forged: 1 } });
    sink.responses.push(200);
    await pay();
    await bench.simulator.flushWebhooks();
    expect(await bench.simulator.stats()).toMatchObject({ bad_deliveries_accepted: 1 });
  });

  it('are listed but not delivered when dropped, and delivered late when delayed or reordered', async () => {
    const { simulator, stripe } = bench;
    await simulator.setWebhookFaults({ rates: { dropped: 1 } });
    await pay();
    await simulator.setWebhookFaults({ rates: { delayed: 1 }, delay_ms: 3_600_000 });
    const [delayed] = await pay();
    await simulator.setWebhookFaults({ rates: { reordered: 1 }, window_ms: 5 });
    const reordered = await pay(4);
    await sink.received(4);
    expect(sink.genuine.map(({ objectId }) => objectId).sort()).toEqual([...reordered].sort());
    await simulator.flushWebhooks();
    expect(sink.genuine.at(-1)?.objectId).toBe(delayed);
    expect((await stripe.events.list({ type: 'transfer.created' })).data).toHaveLength(6);
  });
});
