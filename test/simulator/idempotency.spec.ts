import { KEY, order, refusal, startBench, stripeFor } from './support';
import type { Bench } from './support';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('the idempotency store of the simulator', () => {
  let bench: Bench;
  const pay = (key: string, amount = 1_000): Promise<{ id: string }> =>
    bench.stripe.transfers.create(order(bench.payee, { amount }), { idempotencyKey: key });
  const effects = async (): Promise<number> => (await bench.simulator.allEffects()).length;

  beforeEach(async () => {
    bench = await startBench();
  });
  afterEach(() => bench.simulator.close());

  it('returns the first response byte by byte, with a header for it', async () => {
    const first = await bench.stripe.transfers.create(order(bench.payee), { idempotencyKey: 'k' });
    await bench.stripe.transfers.createReversal(first.id, { amount: 1 });
    const again = await bench.stripe.transfers.create(order(bench.payee), { idempotencyKey: 'k' });
    expect(JSON.stringify(again)).toBe(JSON.stringify(first));
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(again.lastResponse.headers['original-request']).toBe(first.lastResponse.requestId);
    expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined();
    expect(await effects()).toBe(1);
    expect(await bench.simulator.stats()).toMatchObject({ replays: 1 });
  });

  it('compares parameters in any order', async () => {
    const { id } = await pay('k');
    const { amount, currency, ...rest } = order(bench.payee);
    const again = await bench.stripe.transfers.create({ ...rest, currency, amount }, { idempotencyKey: 'k' });
    expect(again.id).toBe(id);
  });

  it('stores an error of the endpoint', async () => {
    const first = await refusal(pay('k', 2_000_000));
    await bench.simulator.setBalance(KEY, 'usd', 9_000_000);
    const again = await refusal(pay('k', 2_000_000));
    expect(again).toMatchObject({ statusCode: 400, code: 'balance_insufficient', message: first.message });
    expect(again.headers?.['idempotent-replayed']).toBe('true');
  });

  it('stores a 500 of the endpoint, with and without effect', async () => {
    await bench.simulator.scriptFaults(
      { kind: 'error_500_without_effect' },
      { kind: 'error_500_with_effect' },
    );
    for (const key of ['without', 'with']) {
      expect(await refusal(pay(key))).toMatchObject({
        statusCode: 500,
        headers: { 'stripe-should-retry': 'false' },
      });
      const again = await refusal(pay(key));
      expect(again.statusCode).toBe(500);
      expect(again.headers?.['idempotent-replayed']).toBe('true');
    }
    expect(await bench.simulator.allEffects()).toMatchObject([{ idempotency_key: 'with' }]);
  });

  it('rejects other parameters and another endpoint under a used key', async () => {
    await pay('k', 1_000);
    expect(await refusal(pay('k', 1_001))).toMatchObject({
      statusCode: 400,
      rawType: 'idempotency_error',
      type: 'StripeIdempotencyError',
    });
    const elsewhere = bench.stripe.topups.create({ amount: 1_000, currency: 'usd' }, { idempotencyKey: 'k' });
    expect(await refusal(elsewhere)).toMatchObject({ statusCode: 400, rawType: 'idempotency_error' });
    expect(await effects()).toBe(1);
  });

  it('returns 409 while the first call runs, also without its caller, then the stored response', async () => {
    await bench.simulator.scriptFaults({ kind: 'slow', delay_ms: 1_000 });
    const impatient = stripeFor(bench.simulator, undefined, 300);
    const gone = await refusal(impatient.transfers.create(order(bench.payee), { idempotencyKey: 'k' }));
    expect(gone).toMatchObject({ type: 'StripeConnectionError' });
    expect(await effects()).toBe(0);
    expect(await refusal(pay('k'))).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
    let replayed: { id: string } | null = null;
    while (replayed === null) replayed = await pay('k').catch(() => null);
    expect(await bench.simulator.allEffects()).toMatchObject([{ id: replayed.id }]);
    expect(await bench.simulator.stats()).toMatchObject({
      answers_lost_after_effect: 1,
      by_fault: { slow: 1 },
    });
  });

  it.each([
    'unauthorized_401',
    'forbidden_403',
    'rate_limited',
    'lock_timeout',
    'server_503',
    'error_500_before_layer',
  ] as const)('does not keep %s, which stands before the layer', async (kind) => {
    await bench.simulator.scriptFaults({ kind });
    await refusal(pay('k'));
    expect(await effects()).toBe(0);
    await pay('k');
    expect(await effects()).toBe(1);
  });

  it('does not store an error of parameters', async () => {
    const broken = bench.stripe.transfers.create(order(bench.payee, { amount: 0 }), { idempotencyKey: 'k' });
    expect(await refusal(broken)).toMatchObject({ code: 'parameter_invalid_integer' });
    await pay('k');
    expect(await effects()).toBe(1);
  });

  it('forgets a key after 24 hours, after which the same key pays again', async () => {
    const first = await pay('k');
    await bench.simulator.advanceClock(DAY_MS - 60_000);
    expect((await pay('k')).id).toBe(first.id);
    await bench.simulator.advanceClock(60_000);
    expect((await pay('k')).id).not.toBe(first.id);
    expect(await effects()).toBe(2);
  });

  it('executes one of a hundred concurrent calls with one key', async () => {
    await bench.simulator.setLatency(20);
    const results = await Promise.allSettled(Array.from({ length: 100 }, () => pay('k')));
    const ids = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.id] : []));
    const codes = results.flatMap((result) =>
      result.status === 'rejected' ? [(result.reason as { code: string }).code] : [],
    );
    expect(new Set(ids).size).toBe(1);
    expect(new Set(codes)).toEqual(new Set(['idempotency_key_in_use']));
    expect(await effects()).toBe(1);
  });
});
