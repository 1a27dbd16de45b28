import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { SimulatorClient } from '../simulator/control-client';
import { Api } from './api';
import { finishEarlierRun } from './finish-earlier-run';
import { scriptFaults } from './faults';
import { prove } from './proof';
import { connect, type Installation, awardsTotal, recipients, settlement, topUp, WINNERS } from './world';

/** The longest wait without any change: longer than any lease, window or pause of the demonstration. */
const GIVE_UP_AFTER_MS = 120_000;
const LOOK_EVERY_MS = 1_000;
/** The provider has a part of the awards at first. The rest is topped up when it is missing. */
const FIRST_BALANCE_SHARE = 8n;
const TEN = 10n;

interface Job {
  readonly status: string;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly counts: Readonly<Record<string, number>>;
}

function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

async function demonstrate(on: Installation): Promise<number> {
  const api = new Api(on.base_url, on.api_key);
  const simulator = new SimulatorClient(on.simulator_url);
  say(`Demonstration: ${WINNERS} winners are paid by a provider that loses requests and answers.`);
  say(
    'For it the safe window is shortened from 12 hours to 10 seconds and the quarantine from 10 minutes to 2 seconds.',
  );
  await connect(api, simulator, on);
  const obstacle = await finishEarlierRun(api, on, {
    lookEveryMs: LOOK_EVERY_MS,
    giveUpAfterMs: GIVE_UP_AFTER_MS,
    wait: delay,
    say,
  });
  if (obstacle) {
    say(`This time it is left out: ${obstacle}.`);
    return 0;
  }
  const winners = await recipients(api, simulator, on);
  const body = settlement(`demo-${Date.now()}`, winners);
  await simulator.setBalance(
    on.stripe_secret_key,
    'usd',
    Number((awardsTotal() * FIRST_BALANCE_SHARE) / TEN),
  );
  await scriptFaults(simulator);
  const recorded = await api.post<{ id: string }>('/settlements', body, `record-${body.contest_id}`);
  say(`Settlement ${recorded.id} is recorded; the scheduler expands it by itself.`);
  const { jobId, toppedUp } = await watch(api, simulator, on, recorded.id);
  await simulator.stopFaults();
  const proof = await prove(api, simulator, on, jobId, toppedUp);
  say();
  say("What happened, by the provider's own record:");
  proof.lines.forEach((line) => say(line));
  return proof.failures.length ? 1 : 0;
}

/** Prints a line a second until all transfers are final, and tops the balance up when transfers wait for it. */
async function watch(
  api: Api,
  simulator: SimulatorClient,
  on: Installation,
  settlementId: string,
): Promise<{ jobId: string; toppedUp: boolean }> {
  let toppedUp = false;
  let seen = '';
  for (let movedAt = performance.now(); performance.now() - movedAt < GIVE_UP_AFTER_MS;) {
    const { payout_job_id: jobId } = await api.get<{ payout_job_id: string | null }>(
      `/settlements/${settlementId}`,
    );
    const job = jobId ? await api.get<Job>(`/payout-jobs/${jobId}`) : null;
    const line = job
      ? `  ${job.status}: ${Object.entries(job.counts)
          .filter(([, count]) => count > 0)
          .map(([status, count]) => `${status} ${count}`)
          .join(', ')}`
      : '';
    if (line) say(line);
    if (line !== seen) movedAt = performance.now();
    seen = line;
    if (jobId && job?.status === 'complete') return { jobId, toppedUp };
    if (job && !toppedUp && (job.counts['waiting_for_funds'] ?? 0) > 0) {
      await topUp(on);
      toppedUp = true;
      say('  The balance ran out: topped up.');
    }
    await delay(LOOK_EVERY_MS);
  }
  const stats = JSON.stringify(await simulator.stats());
  throw new Error(`nothing moved for ${GIVE_UP_AFTER_MS / 1000} seconds; the simulator says ${stats}`);
}

const file = process.argv[2];
if (!file) throw new Error('usage: node dist/demonstration/main.js <demo.json>');
demonstrate(JSON.parse(readFileSync(file, 'utf8')) as Installation).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(
      `The demonstration failed: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exitCode = 1;
  },
);
