import { until } from '../../scripts/lib/processes.cjs';
import {
  Installation,
  isCompleted,
  LEASE_MS,
  type Program,
  type Settled,
  TenantWorld,
  urlOf,
  violations,
} from '../support/installation';
import { CommitCutter } from '../support/installation/commit-cutter';

/**
 * The state, the outcomes of the attempts and the provider's records after a worker was killed at a step.
 */
const STEPS = {
  claiming: { state: 'pending', attempts: [], calls: 0, effects: 0, entries: 0 },
  claimed: { state: 'processing', attempts: [null], calls: 0, effects: 0, entries: 0 },
  sent: { state: 'processing', attempts: [null], calls: 0, effects: 0, entries: 0 },
  effect: { state: 'processing', attempts: [null], calls: 1, effects: 1, entries: 0 },
  recording_outcome: { state: 'processing', attempts: [null], calls: 1, effects: 1, entries: 0 },
  recorded: { state: 'completed', attempts: ['succeeded'], calls: 1, effects: 1, entries: 1 },
} as const;
type Step = keyof typeof STEPS;

const SOON_MS = 15_000;
/** Long enough to stop the process in it, short against everything else. */
const NAP_MS = 3_000;

let installation: Installation;
let tenant: TenantWorld;
let cutter: CommitCutter;
/** Each is stopped until its test: only one worker may run at a time. */
let asleep: Record<Step | 'before_sending' | 'after_refusal' | 'cut_off' | 'unconfirmed', Program>;

beforeAll(async () => {
  installation = await Installation.start();
  cutter = await CommitCutter.before(installation.urls.app);
  const control = await installation.program(['api', 'scheduler']);
  tenant = await TenantWorld.given(installation, urlOf(control));
  const worker = async (failpoints: string, settings = {}): Promise<Program> => {
    const started = await installation.program('worker', { failpoints, settings });
    started.pause();
    return started;
  };
  const dying = await Promise.all(
    Object.keys(STEPS).map(async (step) => [step, await worker(`crash@${step}`)] as const),
  );
  asleep = {
    ...(Object.fromEntries(dying) as Record<Step, Program>),
    before_sending: await worker(`sleep:${NAP_MS}@sent*1`),
    after_refusal: await worker(`sleep:${NAP_MS}@effect*1`),
    cut_off: await worker(`sleep:${NAP_MS}@claiming*1,sleep:${NAP_MS}@recording_outcome*1`),
    unconfirmed: await worker('', { DATABASE_URL: cutter.url }),
  };
});
afterAll(async () => {
  await installation.close();
  await cutter.close();
});

/** One award of a recipient of its own, expanded and not yet touched by a worker. */
async function oneDue(): Promise<Settled> {
  const settled = await tenant.settles(await tenant.recipients(1), () => 12_345n);
  await tenant.allTransfers(settled, ({ state }) => state === 'pending', SOON_MS);
  return settled;
}

async function trace(settled: Settled) {
  const [transfer] = await tenant.transfers(settled.id);
  const id = transfer?.id ?? '';
  const attempts = await installation.rows<{ outcome: string | null }>(
    `SELECT outcome FROM transfers.attempts WHERE transfer_id = $1 ORDER BY number`,
    [id],
  );
  const [entries] = await installation.rows<{ n: bigint }>(
    `SELECT count(*) AS n FROM ledger.entries WHERE reference = $1`,
    [`transfer:${id}:completed`],
  );
  const calls = (await installation.stripe.allCalls()).filter(
    ({ transfer_group: group }) => group === `disburse_${id}`,
  );
  const effects = (await installation.stripe.allEffects()).filter(
    ({ transfer_group: group }) => group === `disburse_${id}`,
  );
  return {
    state: transfer?.state,
    attempts: attempts.map(({ outcome }) => outcome),
    calls: calls.length,
    effects: effects.length,
    entries: Number(entries?.n),
  };
}

/** Its worker is stopped in the middle of this transfer until it is continued. */
async function stoppedDuring(
  worker: Program,
  settled: Settled,
  stopped: (left: Awaited<ReturnType<typeof trace>>) => boolean,
): Promise<void> {
  worker.resume();
  await until(
    async () => stopped(await trace(settled)),
    NAP_MS,
    () => 'the worker did not get there',
  );
  worker.pause();
}

let interrupted: { beforeSending: Settled; afterRefusal: Settled };

describe('a worker that is killed', () => {
  it.each(Object.keys(STEPS) as Step[])('at "%s" leaves nothing half done', (step) =>
    installation.explaining(async () => {
      const settled = await oneDue();
      asleep[step].resume();
      await asleep[step].ended();
      expect(asleep[step].signal).toBe('SIGKILL');
      expect(await trace(settled)).toEqual(STEPS[step]);
    }),
  );
});

describe('a worker that is stopped in the middle of a call', () => {
  it('holds its transfer only by the lease', () =>
    installation.explaining(async () => {
      const beforeSending = await oneDue();
      await stoppedDuring(asleep.before_sending, beforeSending, ({ state }) => state === 'processing');
      expect(await trace(beforeSending)).toEqual(STEPS.sent);
      const afterRefusal = await oneDue();
      await installation.stripe.scriptFaults({
        kind: 'rate_limited',
        match: { method: 'POST', path: '/v1/transfers' },
      });
      await stoppedDuring(asleep.after_refusal, afterRefusal, ({ calls }) => calls === 1);
      expect(await trace(afterRefusal)).toMatchObject({ state: 'processing', effects: 0 });
      interrupted = { beforeSending, afterRefusal };
    }));
});

describe('a worker whose database connection is cut', () => {
  it('continues after its claim and its record were rolled back', () =>
    installation.explaining(async () => {
      const settled = await oneDue();
      asleep.cut_off.resume();
      await terminateOpenTransaction();
      await terminateOpenTransaction();
      await tenant.allTransfers(settled, isCompleted, SOON_MS);
      expect(await trace(settled)).toEqual(STEPS.recorded);
      await asleep.cut_off.stop();
    }));

  it('sends nothing when the outcome of its claim is unknown', () =>
    installation.explaining(async () => {
      const settled = await oneDue();
      cutter.cutCommitOf((statements) => statements.includes('insert_attempts'));
      asleep.unconfirmed.resume();
      await until(
        () => cutter.cuts === 1 && asleep.unconfirmed.lines().some(({ event }) => event === 'wakeup.failed'),
        SOON_MS,
        () => 'the claim was not cut',
      );
      expect(await trace(settled)).toEqual(STEPS.claimed);
    }));

  it('records a success once when the response to its commit is lost', () =>
    installation.explaining(async () => {
      const settled = await oneDue();
      cutter.cutCommitOf((statements) => statements.includes('close_attempts'));
      await until(
        () => cutter.cuts === 2,
        SOON_MS,
        () => 'the record was not cut',
      );
      await tenant.allTransfers(settled, isCompleted, SOON_MS);
      expect(await trace(settled)).toEqual(STEPS.recorded);
    }));
});

describe('when workers run again', () => {
  it('everything that was left is paid after the leases have expired', () =>
    installation.explaining(async () => {
      await Promise.all([installation.program('worker'), installation.program('worker')]);
      const open = async () => (await tenant.transfers()).filter((transfer) => !isCompleted(transfer));
      await until(
        async () => (await open()).length === 0,
        LEASE_MS + SOON_MS,
        () => 'something stays open',
      );
    }));

  it('a late response that says "paid" is accepted, and one that says "again" changes nothing', () =>
    installation.explaining(async () => {
      const before = {
        sent: await trace(interrupted.beforeSending),
        refused: await trace(interrupted.afterRefusal),
      };
      expect(before).toMatchObject({ sent: { effects: 1, entries: 1 }, refused: { effects: 1, entries: 1 } });
      asleep.before_sending.resume();
      asleep.after_refusal.resume();
      await asleep.before_sending.said(
        ({ event, outcome }) => event === 'transfer.called' && outcome === 'succeeded',
        SOON_MS,
      );
      await asleep.after_refusal.said(
        ({ event, outcome }) => event === 'transfer.outcome_too_late' && outcome === 'no_effect',
        SOON_MS,
      );
      const [late] = await tenant.transfers(interrupted.beforeSending.id);
      const evidence = () =>
        installation.rows<{ n: bigint }>(
          `SELECT count(*) AS n FROM transfers.transfer_evidence WHERE source = 'late_answer'
            AND transfer_id = $1`,
          [late?.id],
        );
      await until(
        async () => (await evidence())[0]?.n === 1n,
        SOON_MS,
        () => 'the late success left no evidence',
      );
      expect(await trace(interrupted.beforeSending)).toEqual({
        ...before.sent,
        calls: before.sent.calls + 1,
      });
      expect(await trace(interrupted.afterRefusal)).toEqual(before.refused);
    }));

  it('no payee was paid twice, nothing was lost, and the ledger agrees', async () => {
    expect(await violations(installation, [tenant])).toEqual([]);
    const outcomes = await installation.rows<{ outcome: string; n: bigint }>(
      `SELECT outcome, count(*) AS n FROM transfers.attempts GROUP BY outcome ORDER BY outcome`,
    );
    process.stdout.write(
      `    ${tenant.dues.length} awards; attempts: ${outcomes.map(({ outcome, n }) => `${n} ${outcome}`).join(', ')}\n`,
    );
  });
});

/** As a fail-over does it: the server ends a session that has a transaction open. */
async function terminateOpenTransaction(): Promise<void> {
  const terminate = async () => {
    const rows = await installation.rows<{ done: boolean }>(
      `SELECT pg_terminate_backend(pid, 5000) AS done FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'disburse-app'
          AND state = 'idle in transaction'
          AND state_change < clock_timestamp() - interval '500 milliseconds'`,
    );
    return rows.some(({ done }) => done);
  };
  await until(terminate, SOON_MS, () => 'no transaction was open');
}
