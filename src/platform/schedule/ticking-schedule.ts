import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { SchedulerRegistry } from '@nestjs/schedule';
import type { TenantId } from '../../kernel/ids';
import type { UnitOfWork } from '../../kernel/tx';
import { sql } from '../database';
import type { Log } from '../logging';
import type { Metrics } from '../metrics';
import { UnknownJob } from './errors';
import { JobRuns } from './job-runs';
import { type JobHealth, type RunReport, Schedule, type ScheduledJob } from './schedule';
import { beginRun, claimPeriod } from './sql/claim-period.sql';
import { BY_HAND, type HealthRow, jobHealth } from './sql/job-health.sql';

/** Six missed heartbeats: the process that ran it is dead or paused. */
const STALE_MS = 60_000;
/** A period is looked at again this often, in case its runner dies; also when the database was away. */
const LOOK_AGAIN_MS = 60_000;
const DATABASE_AWAY_MS = 5_000;
const PAUSE_MIN_MS = 10;

/** Which jobs this process ticks: those of all processes together, and those each worker has for itself. */
export interface Ticking {
  readonly shared: boolean;
  readonly perProcess: boolean;
}

/**
 * Each job has one timer, set anew when its tick has ended: two ticks of a job never overlap in one process.
 */
export class TickingSchedule extends Schedule {
  private readonly jobs = new Map<string, ScheduledJob>();
  private readonly instance = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
  private readonly ticks = new Map<string, Promise<void>>();
  private readonly seen = new Map<string, string>();
  private readonly runs: JobRuns;
  private ticking: Ticking | null = null;

  constructor(
    private readonly uow: UnitOfWork,
    private readonly timers: SchedulerRegistry,
    private readonly log: Log,
    metrics: Metrics,
  ) {
    super();
    this.runs = new JobRuns(uow, log, metrics);
  }

  register(job: ScheduledJob): void {
    if (this.jobs.has(job.name)) throw new Error(`the scheduled job ${job.name} is registered twice`);
    if (!Number.isInteger(job.everyMs) || job.everyMs <= 0)
      throw new Error(`the scheduled job ${job.name} needs a period in whole milliseconds`);
    this.jobs.set(job.name, job);
    this.arm(job, 0);
  }

  start(ticking: Ticking): void {
    this.ticking = ticking;
    for (const job of this.jobs.values()) this.arm(job, 0);
  }

  /** No further ticks; resolves when the running ones have ended. */
  async stop(): Promise<void> {
    this.ticking = null;
    for (const name of this.timers.getTimeouts()) if (this.jobs.has(name)) this.timers.deleteTimeout(name);
    await Promise.all(this.ticks.values());
  }

  chosen(names?: readonly string[], tenant?: TenantId): string[] {
    const jobs = [...this.jobs.values()].filter((job) => !(tenant && job.ofInstallation));
    const known = jobs.map(({ name }) => name);
    const unknown = names?.filter((name) => !known.includes(name)) ?? [];
    if (unknown.length > 0) throw new UnknownJob(unknown, known);
    return known.filter((name) => !names || names.includes(name));
  }

  async runNow(names?: readonly string[], tenant?: TenantId): Promise<RunReport[]> {
    const reports: RunReport[] = [];
    for (const name of this.chosen(names, tenant)) {
      reports.push(
        await this.begin(this.jobs.get(name) as ScheduledJob, `${BY_HAND}${randomUUID()}`, tenant),
      );
    }
    return reports;
  }

  async list(): Promise<JobHealth[]> {
    const names = [...this.jobs.keys()];
    const rows = await this.uow.runForSystem((tx) => sql(tx).rows(jobHealth({ names, staleMs: STALE_MS })));
    return rows.map((row) => healthOf(this.jobs.get(row.name) as ScheduledJob, row));
  }

  private arm(job: ScheduledJob, inMs: number): void {
    const mine = job.perProcess ? this.ticking?.perProcess : this.ticking?.shared;
    if (!mine || this.timers.doesExist('timeout', job.name)) return;
    this.timers.addTimeout(
      job.name,
      setTimeout(() => this.tick(job), inMs),
    );
  }

  private tick(job: ScheduledJob): void {
    this.timers.deleteTimeout(job.name);
    const tick = (job.perProcess ? this.tickAlone(job) : this.tickTogether(job))
      .catch((error: unknown) => {
        this.log.warn('schedule.database_away', { job: job.name, error });
        return Math.min(job.everyMs, DATABASE_AWAY_MS);
      })
      .then((pauseMs) => {
        this.ticks.delete(job.name);
        this.arm(job, Math.max(pauseMs, PAUSE_MIN_MS));
      });
    this.ticks.set(job.name, tick);
  }

  /** Runs the period unless another process has run it. Returns when to check again. */
  private async tickTogether(job: ScheduledJob): Promise<number> {
    const { name, everyMs } = job;
    const started = performance.now();
    const { period, claimed, next_in_ms } = await this.uow.runForSystem((tx) =>
      sql(tx).one(claimPeriod({ name, everyMs, instance: this.instance, staleMs: STALE_MS })),
    );
    if (claimed) await this.runs.carryOut(job, { name, period, instance: this.instance });
    else if (this.seen.get(name) !== period) this.log.info('schedule.already_done', { job: name, period });
    this.seen.set(name, period);
    return Math.min(Number(next_in_ms) - (performance.now() - started), LOOK_AGAIN_MS);
  }

  private async tickAlone(job: ScheduledJob): Promise<number> {
    const started = performance.now();
    // Not as a bare number: the log would take it for that of an account.
    await this.begin(job, `process:${this.instance}:${new Date().toISOString()}`);
    return job.everyMs - (performance.now() - started);
  }

  private async begin(job: ScheduledJob, period: string, tenant?: TenantId): Promise<RunReport> {
    const key = { name: job.name, period, instance: this.instance };
    await this.uow.runForSystem((tx) => sql(tx).count(beginRun(key)));
    return this.runs.carryOut(job, key, tenant);
  }
}

function healthOf(job: ScheduledJob, row: HealthRow): JobHealth {
  const { found, done, failed, skipped } = row;
  return {
    name: job.name,
    everyMs: job.everyMs,
    perProcess: job.perProcess ?? false,
    lastStartedAt: row.last_started_at,
    lastSuccessAt: row.last_success_at,
    lastErrorAt: row.last_error_at,
    lastError: row.last_error,
    lastSummary:
      found === null ? null : { found, done: done ?? 0, failed: failed ?? 0, skipped: skipped ?? [] },
    running: row.running,
  };
}
