import { until } from '../../scripts/lib/processes.cjs';
import { Installation, type Program, type Settled, TenantWorld, urlOf } from '../support/installation';
import { CommitCutter } from '../support/installation/commit-cutter';

const SOON_MS = 20_000;
const SCHEDULERS = 5;
const ROUNDS = 20;
const AWARDS = 25;
const CHUNK = 10;
/** Of the jobs that tick in this suite, those with the short period: both wait at the barrier. */
const TICKING_JOBS = 2;

let installation: Installation;
let cutter: CommitCutter;
let api: Program;
let tenant: TenantWorld;

beforeAll(async () => {
  installation = await Installation.start({
    settings: { EXPAND_CHUNK: CHUNK, FUNDING_POLL_EVERY_MS: 3_600_000 },
  });
  cutter = await CommitCutter.before(installation.urls.app);
  api = await startApi();
  tenant = await TenantWorld.given(installation, urlOf(api));
});
afterAll(async () => {
  await installation.close();
  await cutter.close();
});

function startApi(): Promise<Program> {
  return installation.program('api', { settings: { DATABASE_URL: cutter.url } });
}

const isRecording = (statements: string): boolean =>
  statements.includes('INSERT INTO settlements.settlements') ||
  statements.includes('INSERT INTO "settlements"."settlements"');

async function settlementsOf(contest: string): Promise<string[]> {
  return (
    await installation.rows<{ id: string }>(`SELECT id FROM settlements.settlements WHERE contest_id = $1`, [
      contest,
    ])
  ).map(({ id }) => id);
}

interface Expanded {
  readonly jobs: bigint;
  readonly through: number | null;
  readonly status: string | null;
  readonly transfers: bigint;
  readonly reserved: bigint;
}

async function expanded(settled: Pick<Settled, 'id'>): Promise<Expanded> {
  const [row] = await installation.rows<Expanded>(
    `SELECT (SELECT count(*) FROM settlements.payout_jobs WHERE settlement_id = $1) AS jobs,
            (SELECT expanded_through FROM settlements.payout_jobs WHERE settlement_id = $1) AS through,
            (SELECT status FROM settlements.payout_jobs WHERE settlement_id = $1) AS status,
            (SELECT count(*) FROM transfers.transfers WHERE settlement_id = $1) AS transfers,
            (SELECT coalesce(sum(a.minor), 0)::bigint FROM ledger.accounts a
              WHERE a.kind = 'reserved'
                AND a.owner IN (SELECT recipient_id FROM transfers.transfers WHERE settlement_id = $1))
                AS reserved`,
    [settled.id],
  );
  return row as Expanded;
}

describe('a request to record a settlement', () => {
  it('gets 503 when its commit is not confirmed, and its repeat gets the recorded settlement', () =>
    installation.explaining(async () => {
      const { contest, body } = tenant.contest(await tenant.recipients(2), () => 500n);
      cutter.cutCommitOf(isRecording);
      const first = await tenant.api.send<{ code: string }>('POST', '/settlements', body, contest);
      expect([first.status, first.body.code, first.headers.get('retry-after')]).toEqual([
        503,
        'commit_unknown',
        '1',
      ]);
      const [recorded] = await settlementsOf(contest);
      const again = await tenant.api.send<{ id: string }>('POST', '/settlements', body, contest);
      expect([again.status, again.headers.get('idempotent-replayed'), again.body.id]).toEqual([
        200,
        'true',
        recorded,
      ]);
      expect(await settlementsOf(contest)).toEqual([recorded]);
    }));

  it('gets the same settlement when repeated after its process was killed, with its key and without', () =>
    installation.explaining(async () => {
      const { contest, body } = tenant.contest(await tenant.recipients(2), () => 500n);
      cutter.cutCommitOf(isRecording, () => process.kill(api.pid, 'SIGKILL'));
      await expect(tenant.api.send('POST', '/settlements', body, contest)).rejects.toThrow('fetch failed');
      await api.ended();
      api = await startApi();
      tenant.reach(urlOf(api));
      const [recorded] = await settlementsOf(contest);
      const again = await tenant.api.send<{ id: string }>('POST', '/settlements', body, contest);
      const other = await tenant.api.send<{ id: string }>('POST', '/settlements', body, `${contest}-other`);
      expect([again.status, again.headers.get('idempotent-replayed'), again.body.id]).toEqual([
        200,
        'true',
        recorded,
      ]);
      expect([other.status, other.headers.get('idempotent-replayed'), other.body.id]).toEqual([
        200,
        null,
        recorded,
      ]);
      expect(await settlementsOf(contest)).toEqual([recorded]);
    }));
});

describe('a scheduler that is killed while it expands', () => {
  it('within a chunk leaves only the chunks before it; after a chunk, this one too', () =>
    installation.explaining(async () => {
      const settled = await tenant.settles(await tenant.recipients(AWARDS), (place) => BigInt(100 + place));
      const reserved = (awards: number) =>
        settled.dues.slice(0, awards).reduce((sum, { minor }) => sum + minor, 0n);
      const within = await installation.program('scheduler', { failpoints: 'crash@expanding+3' });
      await within.ended();
      const after = await expanded(settled);
      expect([within.signal, after.jobs, after.through, after.transfers]).toEqual([
        'SIGKILL',
        1n,
        CHUNK,
        BigInt(CHUNK),
      ]);
      expect(after.reserved).toBe(reserved(CHUNK));
      const afterwards = await installation.program('scheduler', { failpoints: 'crash@expanded' });
      await afterwards.ended();
      expect(await expanded(settled)).toMatchObject({
        jobs: 1n,
        through: 2 * CHUNK,
        transfers: BigInt(2 * CHUNK),
        reserved: reserved(2 * CHUNK),
      });
      const last = await installation.program('scheduler');
      await until(
        async () => (await expanded(settled)).through === AWARDS,
        SOON_MS,
        () => 'the rest was not expanded',
      );
      expect(await expanded(settled)).toEqual({
        jobs: 1n,
        through: AWARDS,
        status: 'processing',
        transfers: BigInt(AWARDS),
        reserved: reserved(AWARDS),
      });
      await last.stop();
    }));
});

describe('five schedulers that run at the same moment', () => {
  let gates: CommitCutter[] = [];
  afterAll(() => Promise.all(gates.map((gate) => gate.close())));

  it(`make one job and one run, ${ROUNDS} times`, () =>
    installation.explaining(async () => {
      gates = await Promise.all(
        Array.from({ length: SCHEDULERS }, () => CommitCutter.before(installation.urls.system)),
      );
      const schedulers = await Promise.all(
        gates.map((gate) =>
          installation.program('scheduler', { settings: { DATABASE_SYSTEM_URL: gate.url } }),
        ),
      );
      const payees = await tenant.recipients(3);
      const expandedBy = (id: string) =>
        schedulers
          .flatMap((scheduler) => scheduler.lines())
          .filter((line) => line['event'] === 'settlement.expanded' && line['settlement_id'] === id);
      const rounds: Settled[] = [];
      for (let round = 1; round <= ROUNDS; round++) {
        const settled = await raceFor(() => tenant.settles(payees, () => BigInt(100 * round)));
        rounds.push(settled);
        await until(
          async () => (await expanded(settled)).status === 'processing',
          SOON_MS,
          () => `round ${round} was not expanded`,
        );
        expect(await expanded(settled)).toMatchObject({
          jobs: 1n,
          through: payees.length,
          transfers: BigInt(payees.length),
        });
      }
      await Promise.all(schedulers.map((scheduler) => scheduler.stop()));
      expect(rounds.map(({ id }) => expandedBy(id).length)).toEqual(rounds.map(() => 1));
      everyRunWasOne(schedulers);
    }));

  /** No process can take a period while the table is locked; it is unlocked when all five wait. */
  async function raceFor(record: () => Promise<Settled>): Promise<Settled> {
    const barrier = await installation.admin.connect();
    try {
      await barrier.query('BEGIN; LOCK TABLE platform.scheduled_runs IN ACCESS EXCLUSIVE MODE');
      const settled = await record();
      await until(allWait, SOON_MS, () => 'not all schedulers came to the barrier');
      await barrier.query('COMMIT');
      return settled;
    } finally {
      barrier.release();
    }
  }

  async function allWait(): Promise<boolean> {
    const waiting = await installation.rows<{ client_port: number }>(
      `SELECT client_port FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE NOT granted
        AND relation = 'platform.scheduled_runs'::regclass`,
    );
    return gates.every(
      ({ ports }) => waiting.filter(({ client_port: port }) => ports.includes(port)).length >= TICKING_JOBS,
    );
  }

  /**
   * The log lines of the processes agree with the table: one run for each period, and the others logged a skip.
   */
  function everyRunWasOne(schedulers: readonly Program[]): void {
    const said = (event: string) =>
      schedulers
        .flatMap((scheduler) => scheduler.lines())
        .filter((line) => line['event'] === event && line['job'] === 'expand-settlements');
    const periods = said('schedule.run_done').map(({ period }) => String(period));
    expect(new Set(periods).size).toBe(periods.length);
    expect(said('schedule.already_done').length).toBeGreaterThanOrEqual(ROUNDS * (SCHEDULERS - 2));
  }
});
