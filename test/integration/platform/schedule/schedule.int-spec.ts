import { randomUUID } from 'node:crypto';
import { SchedulerRegistry } from '@nestjs/schedule';
import { DataSource } from 'typeorm';
import { dataSourceOptions, PostgresUnitOfWork } from '../../../../src/platform/database';
import { Metrics } from '../../../../src/platform/metrics';
import { type RunSummary, type ScheduledJob, UnknownJob } from '../../../../src/platform/schedule';
import { TickingSchedule } from '../../../../src/platform/schedule/ticking-schedule';
import { testDatabase, type TestDatabase } from '../../../support';
import { QuietLog } from '../quiet-log';
import { until } from '../until';

const NOTHING: RunSummary = { found: 0, done: 0, failed: 0, skipped: [] };
/** A period that does not end while a test runs. */
const LONG_MS = 86_400_000;

describe('the schedule', () => {
  let database: TestDatabase;
  const sources: DataSource[] = [];
  const schedules: TickingSchedule[] = [];
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterEach(async () => {
    await Promise.all(schedules.splice(0).map((schedule) => schedule.stop()));
    await Promise.all(sources.splice(0).map((source) => source.destroy()));
  });
  afterAll(() => database.close());

  /** As another process would have it: its own connections, timers, log. */
  async function scheduleOfAProcess(): Promise<{ schedule: TickingSchedule; log: QuietLog }> {
    const system = await new DataSource(
      dataSourceOptions(database.urls.system, 'system', [], { poolMax: 2 }),
    ).initialize();
    sources.push(system);
    const log = new QuietLog();
    const schedule = new TickingSchedule(
      new PostgresUnitOfWork({ app: database.app, system, door: system }),
      new SchedulerRegistry(),
      log,
      new Metrics(),
    );
    schedules.push(schedule);
    return { schedule, log };
  }

  const named = (
    everyMs: number,
    run: ScheduledJob['run'],
    more: Partial<ScheduledJob> = {},
  ): ScheduledJob => ({ name: `job-${randomUUID()}`, everyMs, run, ...more });
  const rows = (name: string) =>
    database.system.query<Record<string, unknown>[]>(
      'SELECT * FROM platform.scheduled_runs WHERE name = $1 ORDER BY started_at',
      [name],
    );

  it('runs a period once when five processes tick at the same moment; the others say that it is done already', async () => {
    const processes = await Promise.all(Array.from({ length: 5 }, scheduleOfAProcess));
    let runs = 0;
    const job = named(LONG_MS, () => Promise.resolve({ ...NOTHING, found: ++runs }));
    processes.forEach(({ schedule }) => schedule.register(job));
    processes.forEach(({ schedule }) => schedule.start({ shared: true, perProcess: true }));
    await until(
      () =>
        processes.reduce(
          (told, { log }) =>
            told + log.said('schedule.already_done').length + log.said('schedule.run_done').length,
          0,
        ) === 5,
    );
    expect(runs).toBe(1);
    expect(processes.flatMap(({ log }) => log.said('schedule.already_done'))).toHaveLength(4);
    expect(await rows(job.name)).toHaveLength(1);
  });

  it('runs each period once while five processes tick through many', async () => {
    const processes = await Promise.all(Array.from({ length: 5 }, scheduleOfAProcess));
    let runs = 0;
    const job = named(50, () => Promise.resolve({ ...NOTHING, found: ++runs }));
    processes.forEach(({ schedule }) => schedule.register(job));
    processes.forEach(({ schedule }) => schedule.start({ shared: true, perProcess: false }));
    await until(() => runs >= 10);
    await Promise.all(processes.map(({ schedule }) => schedule.stop()));
    const stored = await rows(job.name);
    expect(stored).toHaveLength(runs);
    expect(new Set(stored.map(({ period }) => period)).size).toBe(runs);
  });

  it('catches up once, and at once, when periods were missed: by a process that was not there', async () => {
    const { schedule } = await scheduleOfAProcess();
    let runs = 0;
    schedule.register(named(LONG_MS, () => Promise.resolve({ ...NOTHING, found: ++runs })));
    schedule.start({ shared: true, perProcess: false });
    await until(() => runs === 1);
    await schedule.stop();
    expect(runs).toBe(1);
  });

  it('names periods in UTC by the clock of the database', async () => {
    const { schedule } = await scheduleOfAProcess();
    const job = named(LONG_MS, () => Promise.resolve(NOTHING));
    schedule.register(job);
    schedule.start({ shared: true, perProcess: false });
    await until(async () => (await rows(job.name)).length === 1);
    const [today] = await database.system.query<{ day: string }[]>(
      `SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T00:00:00.000Z"') AS day`,
    );
    expect((await rows(job.name))[0]?.['period']).toBe(today?.day);
  });

  it('never overlaps itself in one process, however long a run takes', async () => {
    const { schedule } = await scheduleOfAProcess();
    let [running, most, runs] = [0, 0, 0];
    const slow = named(20, async () => {
      most = Math.max(most, ++running);
      const begun = performance.now();
      await until(() => performance.now() > begun + 3 * slow.everyMs);
      running--;
      return { ...NOTHING, found: ++runs };
    });
    schedule.register(slow);
    schedule.start({ shared: true, perProcess: false });
    await until(() => runs >= 4);
    expect(most).toBe(1);
  });

  it('takes over a run whose process gives no sign of life, and what that one still writes does not count', async () => {
    const { schedule: dead } = await scheduleOfAProcess();
    const { schedule: alive } = await scheduleOfAProcess();
    const name = `job-${randomUUID()}`;
    let finish: () => void = () => undefined;
    const hanging = new Promise<void>((resolve) => (finish = resolve));
    dead.register({ name, everyMs: LONG_MS, run: () => hanging.then(() => ({ ...NOTHING, found: 666 })) });
    dead.start({ shared: true, perProcess: false });
    await until(async () => (await rows(name)).length === 1);
    await database.system.query(
      `UPDATE platform.scheduled_runs SET heartbeat_at = now() - interval '61 seconds' WHERE name = $1`,
      [name],
    );
    alive.register({ name, everyMs: LONG_MS, run: () => Promise.resolve({ ...NOTHING, found: 7 }) });
    alive.start({ shared: true, perProcess: false });
    await until(async () => (await rows(name))[0]?.['found'] === 7);
    finish();
    await dead.stop();
    expect(await rows(name)).toMatchObject([{ found: 7 }]);
  });

  it('goes on after a run that failed, and keeps its reason', async () => {
    const { schedule, log } = await scheduleOfAProcess();
    let runs = 0;
    const job = named(30, () =>
      ++runs === 1
        ? Promise.reject(new Error('key sk_test_abc was refused'))
        : Promise.resolve({ found: 3, done: 2, failed: 1, skipped: [{ reason: 'paused', count: 4 }] }),
    );
    schedule.register(job);
    schedule.start({ shared: true, perProcess: false });
    await until(() => log.said('schedule.run_done').length >= 2);
    await schedule.stop();
    const [health] = await schedule.list();
    expect(health).toMatchObject({
      name: job.name,
      running: false,
      lastError: 'Error: key [provider key] was refused',
      lastSummary: { found: 3, done: 2, failed: 1, skipped: [{ reason: 'paused', count: 4 }] },
    });
    expect(health?.lastErrorAt?.getTime()).toBeLessThan(health?.lastSuccessAt?.getTime() as number);
    expect(log.said('schedule.run_failed')).toHaveLength(1);
  });

  it('shows a job that runs, one that never ran, and one whose runner died', async () => {
    const { schedule } = await scheduleOfAProcess();
    let finish: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    const [running, never] = [
      named(LONG_MS, () => held.then(() => NOTHING)),
      named(LONG_MS, () => Promise.resolve(NOTHING), { perProcess: true }),
    ];
    schedule.register(running);
    schedule.register(never);
    schedule.start({ shared: true, perProcess: false });
    await until(async () => (await schedule.list())[0]?.running === true);
    expect((await schedule.list())[1]).toEqual({
      name: never.name,
      everyMs: LONG_MS,
      perProcess: true,
      lastStartedAt: null,
      lastSuccessAt: null,
      lastErrorAt: null,
      lastError: null,
      lastSummary: null,
      running: false,
    });
    await database.system.query(
      `UPDATE platform.scheduled_runs SET heartbeat_at = now() - interval '61 seconds' WHERE name = $1`,
      [running.name],
    );
    expect((await schedule.list())[0]?.running).toBe(false);
    finish();
  });

  it('runs a job of each process in each of them', async () => {
    const processes = await Promise.all([scheduleOfAProcess(), scheduleOfAProcess()]);
    const runs = [0, 0];
    const name = `job-${randomUUID()}`;
    processes.forEach(({ schedule }, index) => {
      schedule.register({
        name,
        everyMs: 20,
        perProcess: true,
        run: () => Promise.resolve({ ...NOTHING, found: (runs[index] = (runs[index] ?? 0) + 1) }),
      });
      schedule.start({ shared: false, perProcess: true });
    });
    await until(() => runs.every((count) => count >= 3));
  });

  it('ticks only what its role is for, and runs anything by hand', async () => {
    const { schedule } = await scheduleOfAProcess();
    const ran: string[] = [];
    const tenant = database.newTenant();
    const jobs = [
      named(10, (scope) => Promise.resolve(ran.push(`shared:${scope.tenant}`)).then(() => NOTHING)),
      named(10, () => Promise.resolve(ran.push('own')).then(() => NOTHING), { perProcess: true }),
    ];
    jobs.forEach((job) => schedule.register(job));
    schedule.start({ shared: false, perProcess: false });
    const [report] = await schedule.runNow([jobs[0]?.name as string], tenant);
    expect(report).toMatchObject({
      name: jobs[0]?.name,
      period: expect.stringMatching(/^manual:/),
      summary: NOTHING,
      error: null,
    });
    expect(await schedule.runNow()).toHaveLength(2);
    expect(ran).toEqual([`shared:${tenant}`, 'shared:undefined', 'own']);
    await expect(schedule.runNow(['no-such-job'])).rejects.toThrow(UnknownJob);
  });

  it('runs for one tenant nothing that works across tenants: its counts would tell of the others', async () => {
    const { schedule } = await scheduleOfAProcess();
    const purge = named(LONG_MS, () => Promise.resolve({ ...NOTHING, done: 7 }), { ofInstallation: true });
    const own = named(LONG_MS, () => Promise.resolve(NOTHING));
    [purge, own].forEach((job) => schedule.register(job));
    const tenant = database.newTenant();
    expect((await schedule.runNow(undefined, tenant)).map(({ name }) => name)).toEqual([own.name]);
    await expect(schedule.runNow([purge.name], tenant)).rejects.toThrow(UnknownJob);
    expect(await schedule.runNow([purge.name])).toMatchObject([{ summary: { done: 7 } }]);
  });

  it('by hand tells of a failure instead of throwing it', async () => {
    const { schedule } = await scheduleOfAProcess();
    schedule.register(named(LONG_MS, () => Promise.reject(new Error('broken'))));
    expect(await schedule.runNow()).toMatchObject([{ summary: null, error: 'Error: broken' }]);
  });

  it('by hand says nothing of the health of the schedule: one that stands still would look alive', async () => {
    const { schedule } = await scheduleOfAProcess();
    let fails = false;
    const job = named(LONG_MS, () =>
      fails ? Promise.reject(new Error('broken')) : Promise.resolve(NOTHING),
    );
    schedule.register(job);
    schedule.start({ shared: true, perProcess: false });
    await until(async () => (await schedule.list())[0]?.lastSuccessAt !== null);
    const before = await schedule.list();
    await schedule.runNow([job.name], database.newTenant());
    fails = true;
    await schedule.runNow([job.name], database.newTenant());
    expect(await schedule.list()).toEqual(before);
  });

  it('waits for its runs when it stops', async () => {
    const { schedule } = await scheduleOfAProcess();
    let [begun, ended] = [false, false];
    let finish: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    schedule.register(
      named(LONG_MS, async () => {
        begun = true;
        await held;
        ended = true;
        return NOTHING;
      }),
    );
    schedule.start({ shared: true, perProcess: false });
    await until(() => begun);
    const stopped = schedule.stop();
    finish();
    await stopped;
    expect(ended).toBe(true);
  });
});
