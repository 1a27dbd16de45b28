import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { until } from '../../scripts/lib/processes.cjs';
import {
  Installation,
  isCompleted,
  type Payee,
  type Program,
  TenantWorld,
  urlOf,
  violations,
} from '../support/installation';

/** REDIS_AWAY_S=180 for the long outage; what it proves shows within seconds. */
const AWAY_MS = Number(process.env['REDIS_AWAY_S'] ?? 20) * 1_000;
const WORKERS = 2;
/** In the proportion of production: we stay at 20 a second where the provider takes 25. */
const PACE = 80;
const LIMIT = 100;
const DUE = 1_000;
const POST_EVERY_MS = 250;
const AWARDS_PER_POST = 12;
const SOON_MS = 30_000;
/** Longest time in which nothing may be paid while something is due. */
const STANDSTILL_MAX_MS = 6_000;
const RESPONSE_MAX_MS = 1_500;

let installation: Installation;
let tenant: TenantWorld;
let workers: Program[];
let redis: Redis;

beforeAll(async () => {
  installation = await Installation.start({
    redis: true,
    settings: { TRANSFER_PACE_PER_SECOND: PACE, WORKERS_MAX: WORKERS, TRANSFER_CONCURRENCY: 25 },
  });
  const [api] = await Promise.all([installation.program('api'), installation.program('scheduler')]);
  tenant = await TenantWorld.given(installation, urlOf(api));
  await installation.stripe.setLimits(tenant.secretKey, { per_endpoint_per_second: LIMIT });
  redis = new Redis(String(installation.redis?.url), { lazyConnect: true, maxRetriesPerRequest: 1 });
  redis.on('error', () => undefined);
});
afterAll(async () => {
  redis.disconnect();
  await installation.close();
});

function startWorkers(settings = {}): Promise<Program[]> {
  return Promise.all(Array.from({ length: WORKERS }, () => installation.program('worker', { settings })));
}

async function paid(): Promise<number> {
  return (await tenant.transfers()).filter(isCompleted).length;
}

/** How often Redis executed a command since it was started. */
async function callsOf(command: string): Promise<number> {
  const stats = await redis.info('commandstats');
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}

describe('an api, a scheduler and two workers with a Redis', () => {
  it('wake each other through Bull, so that a settlement is paid without a sweep', () =>
    installation.explaining(async () => {
      workers = await startWorkers({ TRANSFER_SWEEP_EVERY_MS: 3_600_000 });
      const settled = await tenant.settles(await tenant.recipients(50), (place) => BigInt(200 + place));
      await tenant.allTransfers(settled, isCompleted, SOON_MS);
      // What only Bull does: it waits for jobs by brpoplpush and adds them by a script. Our cache and pace do
      // neither.
      expect(await callsOf('brpoplpush')).toBeGreaterThan(0);
      expect(await callsOf('evalsha')).toBeGreaterThan(0);
      expect(Number(await redis.get('disburse:transfers:id'))).toBeGreaterThan(0);
      const delivered = await Promise.all(
        workers.map(async (worker) =>
          deliveriesIn(await (await fetch(new URL('/metrics', urlOf(worker)))).text()),
        ),
      );
      expect(delivered.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
    }));

  it(`lose nothing of ${DUE} due transfers when Redis loses everything`, () =>
    installation.explaining(async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
      const settled = await tenant.settles(await tenant.recipients(DUE), (place) => BigInt(300 + place));
      await tenant.allTransfers(settled, ({ state }) => state === 'pending', SOON_MS);
      await until(
        async () => (await redis.llen('disburse:transfers:wait')) > 0,
        SOON_MS,
        () => 'no wake-up waits in Bull',
      );
      await redis.flushall();
      workers = await startWorkers();
      const before = tenant.dues.length - DUE;
      for (const share of [0.2, 0.5, 0.8]) {
        await until(
          async () => (await paid()) >= before + share * DUE,
          SOON_MS,
          () => `less than ${share * DUE} were paid`,
        );
        await redis.flushall();
      }
      await tenant.allTransfers(settled, isCompleted, SOON_MS);
    }));

  it(
    `take settlements and pay them while Redis is gone for ${AWAY_MS / 1_000} s`,
    () =>
      installation.explaining(async () => {
        const payees = await tenant.recipients(AWARDS_PER_POST);
        const callsBefore = await installation.stripe.stats();
        await load(payees, AWAY_MS / 4);
        await installation.redis?.kill();
        const away = await load(payees, AWAY_MS);
        await installation.redis?.start();
        await until(
          async () => (await paid()) === tenant.dues.length,
          SOON_MS,
          () => 'something stayed unpaid after Redis came back',
        );
        await until(
          async () => (await callsOf('brpoplpush')) > 0,
          SOON_MS,
          () => 'Bull did not come back',
        );
        const stats = await installation.stripe.stats();
        const [refused, made] = [
          stats.rate_limited - callsBefore.rate_limited,
          stats.calls - callsBefore.calls,
        ];
        const slowest = Math.max(...away.responsesMs);
        process.stdout.write(
          `    without Redis: ${away.responsesMs.length} settlements recorded, ` +
            `slowest response ${Math.round(slowest)} ms; ${away.paid} transfers paid, ` +
            `longest standstill ${Math.round(away.standstillMs)} ms; ` +
            `${refused} of ${made} calls refused with 429\n`,
        );
        expect(away.paid).toBeGreaterThan(0);
        expect(away.standstillMs).toBeLessThan(STANDSTILL_MAX_MS);
        expect(slowest).toBeLessThan(RESPONSE_MAX_MS);
        expect(refused / made).toBeLessThan(0.01);
      }),
    AWAY_MS * 2 + 4 * SOON_MS,
  );

  it('paid no payee twice and lost nothing', async () => {
    expect(await violations(installation, [tenant])).toEqual([]);
  });
});

/** Records settlements at a steady rate; every response must be a 201. */
async function load(
  payees: readonly Payee[],
  forMs: number,
): Promise<{ responsesMs: number[]; paid: number; standstillMs: number }> {
  const endsAt = performance.now() + forMs;
  const start = await paid();
  const responsesMs: number[] = [];
  let [seen, movedAt, standstillMs] = [start, performance.now(), 0];
  while (performance.now() < endsAt) {
    const requestedAt = performance.now();
    await tenant.settles(payees, () => BigInt(1_000 + responsesMs.length));
    responsesMs.push(performance.now() - requestedAt);
    const now = await paid();
    if (now > seen) [seen, movedAt] = [now, performance.now()];
    standstillMs = Math.max(standstillMs, performance.now() - movedAt);
    await delay(Math.max(0, requestedAt + POST_EVERY_MS - performance.now()));
  }
  return { responsesMs, paid: seen - start, standstillMs };
}

function deliveriesIn(metrics: string): number {
  return Number(
    /^disburse_wakeups_delivered_total\{[^}]*queue="transfers"[^}]*\} (\d+)/m.exec(metrics)?.[1] ?? 0,
  );
}
