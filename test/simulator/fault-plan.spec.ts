import type { FaultKind, FaultMix } from '../../src/simulator';
import { KEY, order, startBench } from './support';
import type { Bench } from './support';

const MIX: FaultMix = {
  seed: 'seven',
  rates: {
    lose_request: 0.1,
    lose_answer: 0.15,
    error_500_with_effect: 0.1,
    rate_limited: 0.2,
    broken_json: 0.1,
  },
  once: true,
};

/** Makes `tries` calls with each of these keys, and returns the fault of each call. */
async function run(
  keys: readonly string[],
  atOnce: number,
  mix: FaultMix,
): Promise<Map<string, (FaultKind | null)[]>> {
  const bench = await startBench();
  try {
    await bench.simulator.setFaults(mix);
    const waiting = [...keys];
    const worker = async (): Promise<void> => {
      for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
        for (let tries = 0; tries < 3; tries += 1) await pay(bench, key);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    const struck = new Map<string, (FaultKind | null)[]>();
    for (const call of await bench.simulator.allCalls()) {
      const key = call.idempotency_key ?? '';
      struck.set(key, [...(struck.get(key) ?? []), call.fault]);
    }
    return new Map([...struck].sort(([a], [b]) => (a < b ? -1 : 1)));
  } finally {
    await bench.simulator.close();
  }
}

async function pay({ stripe, payee }: Bench, idempotencyKey: string): Promise<void> {
  // The repeat that stripe-node makes by itself half a second after a reset is part of the sequence.
  await stripe.transfers.create(order(payee), { idempotencyKey }).catch(() => undefined);
}

describe('a plan of faults', () => {
  const keys = Array.from({ length: 40 }, (_none, index) => `transfer:${index}:g1`);

  it('applies the same faults for the same seed, one by one or concurrently', async () => {
    const [alone, concurrent, reversed] = await Promise.all([
      run(keys, 8, MIX),
      run(keys, 40, MIX),
      run([...keys].reverse(), 8, MIX),
    ]);
    expect(concurrent).toEqual(alone);
    expect(reversed).toEqual(alone);
    expect(new Set([...alone.values()].flat()).size).toBeGreaterThan(4);
  });

  it('applies other faults for another seed', async () => {
    const [seven, eight] = await Promise.all([run(keys, 40, MIX), run(keys, 40, { ...MIX, seed: 'eight' })]);
    expect(eight).not.toEqual(seven);
  });

  it('comes close to its rates', async () => {
    const many = Array.from({ length: 500 }, (_none, index) => `k${index}`);
    const struck = [...(await run(many, 40, { seed: 's', rates: { rate_limited: 0.2 } })).values()].flat();
    const share = struck.filter((kind) => kind === 'rate_limited').length / struck.length;
    expect(share).toBeGreaterThan(0.17);
    expect(share).toBeLessThan(0.23);
  });

  describe('on one platform', () => {
    let bench: Bench;
    beforeEach(async () => {
      bench = await startBench();
    });
    afterEach(() => bench.simulator.close());

    it('stops a kind at its maximum, and all kinds when it is stopped', async () => {
      await bench.simulator.setFaults({ seed: 's', rates: { rate_limited: 1 }, max: { rate_limited: 2 } });
      for (let call = 0; call < 5; call += 1) await pay(bench, `k${call}`);
      expect((await bench.simulator.stats()).by_fault).toEqual({ rate_limited: 2 });
      await bench.simulator.setFaults({ seed: 's', rates: { rate_limited: 1 } });
      await bench.simulator.stopFaults();
      await pay(bench, 'k9');
      expect(await bench.simulator.stats()).toMatchObject({ by_fault: { rate_limited: 2 }, effects: 4 });
      expect(await bench.simulator.faults()).toEqual({ mix: null, script: [] });
    });

    it('follows a script by path, group, destination, metadata, key and nth call', async () => {
      const { simulator, stripe, payee } = bench;
      const other = (await simulator.createAccounts({ platform: KEY }))[0] ?? '';
      const kind = 'rate_limited';
      await simulator.scriptFaults(
        { kind, match: { transfer_group: 'g2' } },
        { kind, match: { destination: other } },
        { kind, match: { metadata: { transfer: 'marked' } } },
        { kind, match: { idempotency_key: 'key' } },
        { kind, match: { method: 'GET', path: '/v1/transfers/*' } },
        { kind, match: { method: 'POST', path: '/v1/topups', nth: 2 }, times: 2 },
      );
      const fails = async (call: Promise<unknown>): Promise<boolean> =>
        call.then(
          () => false,
          () => true,
        );
      const paid = await stripe.transfers.create(order(payee));
      expect(await fails(stripe.transfers.create(order(payee, { transfer_group: 'g2' })))).toBe(true);
      expect(await fails(stripe.transfers.create(order(payee, { transfer_group: 'g2' })))).toBe(false);
      expect(await fails(stripe.transfers.create(order(other)))).toBe(true);
      expect(await fails(stripe.transfers.create(order(payee, { metadata: { transfer: 'marked' } })))).toBe(
        true,
      );
      expect(await fails(stripe.transfers.create(order(payee), { idempotencyKey: 'key' }))).toBe(true);
      expect(await fails(stripe.transfers.retrieve(paid.id))).toBe(true);
      const topups: boolean[] = [];
      for (let call = 0; call < 4; call += 1)
        topups.push(await fails(stripe.topups.create({ amount: 1, currency: 'usd' })));
      expect(topups).toEqual([false, true, true, false]);
      expect(await simulator.faults()).toEqual({ mix: null, script: [] });
    });

    it('rejects an invalid plan', async () => {
      const { simulator } = bench;
      await expect(
        simulator.setFaults({ seed: 's', rates: { slow: 0.7, lose_answer: 0.7 } }),
      ).rejects.toThrow('more than 1');
      await expect(simulator.setFaults({ seed: 's', rates: { slow: -1 } })).rejects.toThrow('from 0 to 1');
      await expect(simulator.scriptFaults({ kind: 'gremlins' as 'slow' })).rejects.toThrow('unknown fault');
    });
  });
});
