import { ALL_FAULT_KINDS } from '../../src/simulator';
import type { FaultKind } from '../../src/simulator';
import { KEY, order, refusal, startBench, stripeFor } from './support';
import type { Bench } from './support';

interface Seen {
  /** As stripe-node reports it. */
  readonly error: Record<string, unknown>;
  readonly effect: boolean;
  /** The result of the same call when it is repeated. */
  readonly then: 'pays' | 'replays' | 'fails again';
}

const connection = { type: 'StripeConnectionError' };

/**
 * The faults of creating a transfer, as the program under test sees them. Faults of lists and delays are tested
 * below.
 */
const SEEN: Partial<Record<FaultKind, Seen>> = {
  lose_request: { error: connection, effect: false, then: 'pays' },
  lose_answer: { error: connection, effect: true, then: 'replays' },
  hang_before_effect: { error: connection, effect: false, then: 'pays' },
  hang_after_effect: { error: connection, effect: true, then: 'replays' },
  reset_mid_body: { error: connection, effect: true, then: 'replays' },
  error_500_without_effect: {
    error: { statusCode: 500, rawType: 'api_error' },
    effect: false,
    then: 'fails again',
  },
  error_500_with_effect: {
    error: { statusCode: 500, rawType: 'api_error' },
    effect: true,
    then: 'fails again',
  },
  error_500_before_layer: { error: { statusCode: 500 }, effect: false, then: 'pays' },
  server_503: { error: { statusCode: 503 }, effect: false, then: 'pays' },
  rate_limited: { error: { statusCode: 429, code: 'rate_limit' }, effect: false, then: 'pays' },
  lock_timeout: {
    error: {
      statusCode: 429,
      code: 'lock_timeout',
      headers: expect.objectContaining({ 'stripe-should-retry': 'true' }),
    },
    effect: false,
    then: 'pays',
  },
  conflict: {
    error: { statusCode: 409, code: 'idempotency_key_in_use', type: 'StripeAPIError' },
    effect: true,
    then: 'replays',
  },
  broken_json: { error: { type: 'StripeAPIError' }, effect: true, then: 'replays' },
  empty_200: { error: { type: 'StripeAPIError' }, effect: true, then: 'replays' },
  redirect_302: { error: { type: 'StripeAPIError' }, effect: false, then: 'pays' },
  unauthorized_401: {
    error: { statusCode: 401, type: 'StripeAuthenticationError' },
    effect: false,
    then: 'pays',
  },
  forbidden_403: { error: { statusCode: 403, type: 'StripePermissionError' }, effect: false, then: 'pays' },
};

const LYING: Partial<Record<FaultKind, object>> = {
  huge_body: { object: 'junk' },
  wrong_amount: { amount: 1_001, object: 'transfer' },
  wrong_currency: { currency: 'eur', amount: 1_000 },
  wrong_destination: { destination: 'acct_sim_other', amount: 1_000 },
};

const OTHERWISE: readonly FaultKind[] = ['slow', 'list_lags', 'list_fails'];

describe('faults of the simulator, seen by an unmodified stripe-node', () => {
  let bench: Bench;
  const pay = (): Promise<{ id: string }> =>
    bench.stripe.transfers.create(order(bench.payee), { idempotencyKey: 'k' });

  beforeEach(async () => {
    bench = await startBench({}, 800);
  });
  afterEach(() => bench.simulator.close());

  it('are all tested here', () => {
    expect([...Object.keys(SEEN), ...Object.keys(LYING), ...OTHERWISE].sort()).toEqual(
      [...ALL_FAULT_KINDS].sort(),
    );
  });

  it.each(Object.entries(SEEN))('%s', async (kind, seen) => {
    const { simulator } = bench;
    await simulator.scriptFaults({ kind: kind as FaultKind });
    expect(await refusal(pay())).toMatchObject(seen.error);
    expect(await simulator.allEffects()).toHaveLength(seen.effect ? 1 : 0);
    const stats = await simulator.stats();
    expect(stats.by_fault).toEqual({ [kind]: 1 });
    expect(stats.answers_lost_after_effect).toBe(seen.effect ? 1 : 0);

    if (seen.then === 'fails again') await refusal(pay());
    else await pay();
    const calls = await simulator.allCalls();
    expect(calls.at(-1)?.replayed).toBe(seen.then !== 'pays');
    expect(await simulator.allEffects()).toHaveLength(seen.then === 'pays' || seen.effect ? 1 : 0);
  });

  it.each(Object.entries(LYING))(
    '%s returns 200 with a false body, and a repeat returns the stored true one',
    async (kind, lie) => {
      await bench.simulator.scriptFaults({ kind: kind as FaultKind });
      expect(await pay()).toMatchObject(lie);
      expect(await bench.simulator.allEffects()).toMatchObject([
        { amount: 1_000, currency: 'usd', destination: bench.payee },
      ]);
      expect(await pay()).toMatchObject({
        object: 'transfer',
        amount: 1_000,
        currency: 'usd',
        destination: bench.payee,
      });
    },
  );

  it('slow after the effect moves the money first and responds later', async () => {
    await bench.simulator.scriptFaults({ kind: 'slow', when: 'after', delay_ms: 60_000 });
    expect(await refusal(pay())).toMatchObject(connection);
    expect(await bench.simulator.allEffects()).toHaveLength(1);
    await pay();
  });

  it('list_lags hides only objects that are younger than the lag', async () => {
    const { simulator, stripe } = bench;
    await simulator.scriptFaults({ kind: 'list_lags', lag_ms: 5_000, times: 2 });
    const { id } = await pay();
    const list = async (): Promise<string[]> =>
      (await stripe.transfers.list({ transfer_group: 'disburse_t1' })).data.map((transfer) => transfer.id);
    expect(await list()).toEqual([]);
    await simulator.advanceClock(6_000);
    expect(await list()).toEqual([id]);
  });

  it('list_fails fails a list and no other call', async () => {
    await bench.simulator.scriptFaults({ kind: 'list_fails' });
    await pay();
    expect(await refusal(bench.stripe.transfers.list({ transfer_group: 'disburse_t1' }))).toMatchObject({
      statusCode: 500,
    });
  });

  it('also apply to the repeat that stripe-node makes by itself after a reset, unless `once` is true', async () => {
    const { simulator, stripe } = bench;
    await simulator.scriptFaults({ kind: 'lose_answer' });
    await refusal(pay());
    expect(await simulator.allCalls()).toMatchObject([
      { fault: 'lose_answer', carried: false, effect: true, outcome: 'lost' },
      { fault: 'lose_answer', carried: true, effect: false, replayed: true, outcome: 'lost' },
    ]);
    await simulator.scriptFaults({ kind: 'lose_answer', once: true });
    const healed = await stripe.transfers.create(order(bench.payee), { idempotencyKey: 'k2' });
    expect(healed.lastResponse.headers['idempotent-replayed']).toBe('true');
  });

  it('count a response as lost when the caller gave up, and not when it waits', async () => {
    await bench.simulator.scriptFaults({ kind: 'slow', delay_ms: 900 });
    const patient = stripeFor(bench.simulator, undefined, 5_000);
    expect((await patient.transfers.create(order(bench.payee), { idempotencyKey: 'k' })).amount).toBe(1_000);
    expect(await bench.simulator.stats()).toMatchObject({ answers_lost_after_effect: 0 });
  });

  it('send Retry-After only when it is configured', async () => {
    await bench.simulator.scriptFaults({ kind: 'rate_limited' }, { kind: 'rate_limited', retry_after_s: 7 });
    expect((await refusal(pay())).headers?.['retry-after']).toBeUndefined();
    expect((await refusal(pay())).headers?.['retry-after']).toBe('7');
  });

  it('limit the calls per second of a platform when it is configured', async () => {
    const { simulator, stripe, payee } = bench;
    await simulator.setLimits(KEY, { per_endpoint_per_second: 5 });
    const results = await Promise.allSettled(
      Array.from({ length: 60 }, () => stripe.transfers.create(order(payee))),
    );
    const refused = results.filter(
      (result) => result.status === 'rejected' && (result.reason as { code: string }).code === 'rate_limit',
    );
    expect(refused.length).toBeGreaterThan(20);
    expect(await simulator.allEffects()).toHaveLength(60 - refused.length);
    expect((await stripe.balance.retrieve()).object).toBe('balance');
  });
});
