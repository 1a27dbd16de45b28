import { until } from '../../scripts/lib/processes.cjs';
import { Installation, type Settled, TenantWorld, urlOf } from '../support/installation';

const SCHEDULERS = 5;
const ROUNDS = 20;
const AWARDS = 5;
/** Several chunks, so that one scheduler can go on where another has just ended. */
const CHUNK = 2;
const SOON_MS = 20_000;

interface JobRun {
  readonly name: string;
  readonly done: number;
  readonly failed: number;
  readonly skipped: readonly { readonly reason: string; readonly count: number }[];
}

let installation: Installation;
let tenant: TenantWorld;
let schedulers: TenantWorld['api'][];

beforeAll(async () => {
  // No schedule: each run is requested, so that no process has a period before the race.
  installation = await Installation.start({
    settings: {
      EXPAND_CHUNK: CHUNK,
      SETTLEMENT_EXPAND_EVERY_MS: 3_600_000,
      FUNDING_POLL_EVERY_MS: 3_600_000,
    },
  });
  const programs = await Promise.all(
    Array.from({ length: SCHEDULERS }, () => installation.program(['api', 'scheduler'])),
  );
  tenant = await TenantWorld.given(installation, urlOf(programs[0]!));
  schedulers = programs.map((program) => tenant.api.at(urlOf(program)));
});
afterAll(() => installation.close());

/** No process can read settlements while the table is locked; it is unlocked when all of them wait. */
async function expandedByAllAtOnce(): Promise<JobRun[]> {
  const barrier = await installation.admin.connect();
  try {
    await barrier.query('BEGIN; LOCK TABLE settlements.settlements IN ACCESS EXCLUSIVE MODE');
    const runs = schedulers.map((api) =>
      api.post<{ jobs: JobRun[] }>('/operations/scheduler/run', { jobs: ['expand-settlements'] }),
    );
    await until(allWait, SOON_MS, () => 'not all schedulers came to the barrier');
    await barrier.query('COMMIT');
    return (await Promise.all(runs)).flatMap(({ jobs }) => jobs);
  } finally {
    barrier.release();
  }
}

async function allWait(): Promise<boolean> {
  const [row] = await installation.rows<{ waiting: bigint }>(
    `SELECT count(DISTINCT pid) AS waiting FROM pg_locks WHERE NOT granted
      AND relation = 'settlements.settlements'::regclass`,
  );
  return Number(row?.waiting) >= SCHEDULERS;
}

interface Made {
  readonly jobs: bigint;
  readonly through: number;
  readonly transfers: bigint;
  readonly origins: bigint;
  readonly reservations: bigint;
  readonly reserved: bigint;
}

async function madeOf({ id }: Settled): Promise<Made | undefined> {
  const [row] = await installation.rows<Made>(
    `SELECT (SELECT count(*) FROM settlements.payout_jobs WHERE settlement_id = $1)
      AS jobs, j.expanded_through AS through,
            count(*) AS transfers, count(DISTINCT t.origin_id) AS origins,
            (SELECT count(*) FROM ledger.entries WHERE starts_with(reference, 'job:' || j.id || ':reserved:'))
              AS reservations,
            (SELECT sum(p.minor)::bigint FROM ledger.entries e JOIN ledger.postings p
              ON p.tenant_id = e.tenant_id AND p.entry_id = e.id
              WHERE starts_with(e.reference, 'job:' || j.id || ':reserved:')) AS reserved
       FROM settlements.payout_jobs j LEFT JOIN transfers.transfers t ON t.job_id = j.id
         WHERE j.settlement_id = $1 GROUP BY j.id, j.expanded_through`,
    [id],
  );
  return row;
}

describe(`${SCHEDULERS} schedulers that expand the same settlement at the same moment`, () => {
  it(`make one job and each transfer once, ${ROUNDS} times`, () =>
    installation.explaining(async () => {
      const payees = await tenant.recipients(AWARDS);
      const reasons = new Map<string, number>();
      let several = 0;
      for (let round = 1; round <= ROUNDS; round++) {
        const settled = await tenant.settles(payees, (place) => BigInt(100 * round + place));
        const reports = await expandedByAllAtOnce();
        // A process that lost every time has nothing to do; the rest is made at the latest without competition.
        await schedulers[0]!.post('/operations/scheduler/run', { jobs: ['expand-settlements'] });
        const reserved = settled.dues.reduce((sum, { minor }) => sum + minor, 0n);
        const chunks = BigInt(Math.ceil(AWARDS / CHUNK));
        expect([round, await madeOf(settled)]).toEqual([
          round,
          {
            jobs: 1n,
            through: AWARDS,
            transfers: BigInt(AWARDS),
            origins: BigInt(AWARDS),
            reservations: chunks,
            reserved,
          },
        ]);
        expect([round, reports.filter(({ failed }) => failed > 0)]).toEqual([round, []]);
        expect(reports.reduce((sum, { done }) => sum + done, 0)).toBeLessThanOrEqual(1);
        for (const { reason, count } of reports.flatMap(({ skipped }) => skipped))
          reasons.set(reason, (reasons.get(reason) ?? 0) + count);
        if (reports.some(({ skipped }) => skipped.length)) several++;
      }
      process.stdout.write(
        `    ${several} of ${ROUNDS} rounds had losers, passed on with: ` +
          `${[...reasons].map(([reason, count]) => `${reason} ${count}`).join(', ')}\n`,
      );
      // Without a loser there was no race.
      expect(several).toBeGreaterThan(ROUNDS / 2);
    }));
});
