import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type Stripe from 'stripe';
import { SimulatorClient, startSimulator } from '../../src/simulator';
import { KEY, order, refusal, startBench, stripeFor } from './support';

const PROGRAM = resolve(__dirname, '../../dist/simulator/main.js');

interface Started {
  readonly child: ChildProcess;
  readonly client: SimulatorClient;
  readonly stripe: Stripe;
  readonly said: () => string;
}

/** Waits for the line with the address, or for the end of the process. */
async function start(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Started | { readonly code: number; readonly said: string }> {
  const child = spawn(process.execPath, [PROGRAM, '--port', '0', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, said }));
  const started = once(child.stdout, 'data').then(
    ([line]) => JSON.parse(String(line)) as { simulator_url: string },
  );
  const first = await Promise.race([ended, started]);
  if ('code' in first) return first;
  const client = new SimulatorClient(first.simulator_url);
  return { child, client, stripe: stripeFor(client), said: () => said };
}

async function mustStart(args: readonly string[]): Promise<Started> {
  const started = await start(args);
  if ('code' in started) throw new Error(`the simulator ended with ${started.code}: ${started.said}`);
  return started;
}

async function stop({ child }: Started, signal: NodeJS.Signals): Promise<number | null> {
  const ended = once(child, 'close');
  child.kill(signal);
  return ((await ended) as [number | null])[0];
}

describe('the simulator as a process of its own', () => {
  let folder: string;
  let data: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'simulator-'));
    data = join(folder, 'data.ndjson');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('prints what it is and its address in one line, and ends on SIGTERM', async () => {
    const started = await mustStart(['--seed', 'abc']);
    expect(await started.client.health()).toMatchObject({ simulator: true, seed: 'abc' });
    expect(new URL(started.client.url).hostname).toBe('127.0.0.1');
    expect(started.said()).toContain('this is NOT Stripe');
    expect(await stop(started, 'SIGTERM')).toBe(0);
  });

  it('does not run in production', async () => {
    expect(await start([], { NODE_ENV: 'production' })).toMatchObject({
      code: 1,
      said: expect.stringContaining('NODE_ENV=production'),
    });
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('continues with its data after %s', async (signal) => {
    const first = await mustStart(['--data', data]);
    await first.client.registerPlatform({ secret_key: KEY, balances: { usd: 10_000 } });
    const [payee = ''] = await first.client.createAccounts({ platform: KEY });
    const paid = await first.stripe.transfers.create(order(payee), { idempotencyKey: 'k' });
    const reversal = await first.stripe.transfers.createReversal(paid.id, { amount: 100 });
    await first.client.advanceClock(3_600_000);
    const effects = await first.client.allEffects();
    await stop(first, signal);

    const second = await mustStart(['--data', data]);
    expect(await second.client.allEffects()).toEqual(effects);
    const replayed = await second.stripe.transfers.create(order(payee), { idempotencyKey: 'k' });
    expect(replayed).toMatchObject({ id: paid.id, amount_reversed: 0 });
    expect((await second.stripe.transfers.listReversals(paid.id)).data).toMatchObject([{ id: reversal.id }]);
    expect((await second.stripe.transfers.list({ transfer_group: 'disburse_t1' })).data).toHaveLength(1);
    expect((await second.stripe.balance.retrieve()).available[0]?.amount).toBe(9_100);
    expect((await second.stripe.events.list()).data.map(({ type }) => type)).toContain('transfer.reversed');
    expect((await second.client.health()).clock_moved_by_ms).toBe(3_600_000);
    await stop(second, 'SIGKILL');
  });
});

describe('the data file of the simulator', () => {
  let folder: string;
  let data: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'simulator-'));
    data = join(folder, 'data.ndjson');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('may end with an incomplete line', async () => {
    const first = await startBench({ data });
    await first.stripe.transfers.create(order(first.payee), { idempotencyKey: 'k' });
    await first.simulator.close();
    appendFileSync(data, '{"kind":"transfer","platf');
    for (let again = 0; again < 2; again += 1) {
      const simulator = await startSimulator({ data });
      expect(await simulator.allEffects()).toHaveLength(1);
      await stripeFor(simulator).topups.create({ amount: 1, currency: 'usd' });
      await simulator.close();
    }
  });

  it('allows a program to register the same platform at each start', async () => {
    const platform = {
      secret_key: KEY,
      balances: { usd: 5_000 },
      webhooks: [{ url: 'http://127.0.0.1:9/hook' }],
    };
    const first = await startSimulator({ data });
    const made = await first.registerPlatform(platform);
    const [payee = ''] = await first.createAccounts({ platform: KEY });
    await first.pauseWebhooks();
    await stripeFor(first).transfers.create(order(payee));
    await first.close();
    const second = await startSimulator({ data });
    expect(await second.registerPlatform(platform)).toEqual(made);
    expect((await stripeFor(second).balance.retrieve()).available[0]?.amount).toBe(4_000);
    await second.close();
  });

  it('stores an error under its key', async () => {
    const first = await startBench({ data });
    const pay = order(first.payee, { amount: 2_000_000 });
    await refusal(first.stripe.transfers.create(pay, { idempotencyKey: 'k' }));
    await first.simulator.setBalance(KEY, 'usd', 9_000_000);
    await first.simulator.close();
    const simulator = await startSimulator({ data });
    expect(await refusal(stripeFor(simulator).transfers.create(pay, { idempotencyKey: 'k' }))).toMatchObject({
      code: 'balance_insufficient',
    });
    await simulator.close();
  });

  it('forgets everything before a reset', async () => {
    const first = await startBench({ data });
    await first.stripe.transfers.create(order(first.payee));
    await first.simulator.reset();
    await first.simulator.close();
    const simulator = await startSimulator({ data });
    expect(await simulator.platforms()).toEqual([]);
    expect(await simulator.allEffects()).toEqual([]);
    await simulator.close();
  });
});
