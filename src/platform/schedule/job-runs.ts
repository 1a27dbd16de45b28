import type { TenantId } from '../../kernel/ids';
import type { UnitOfWork } from '../../kernel/tx';
import { sql } from '../database';
import { type Log, scrubbed } from '../logging';
import type { Metrics } from '../metrics';
import type { RunReport, RunSummary, ScheduledJob } from './schedule';
import { finishRun, heartbeat, type RunKey } from './sql/record-run.sql';

const HEARTBEAT_EVERY_MS = 10_000;
const ERROR_CHARS_MAX = 500;

/** Carries out a run that was claimed, with signs of life while it lasts, and writes down what came of it. */
export class JobRuns {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {}

  /** Never rejects. */
  async carryOut(job: ScheduledJob, key: RunKey, tenant?: TenantId): Promise<RunReport> {
    const started = performance.now();
    const alive = setInterval(() => void this.write(key, () => heartbeat(key)), HEARTBEAT_EVERY_MS);
    const outcome = await this.outcomeOf(job, tenant);
    clearInterval(alive);
    const report = {
      name: key.name,
      period: key.period,
      summary: outcome.summary,
      error: outcome.error ? inWords(outcome.error) : null,
    };
    await this.write(key, () => finishRun(key, report.summary, report.error));
    this.report(report, Math.round(performance.now() - started), outcome.error);
    return report;
  }

  private async outcomeOf(
    job: ScheduledJob,
    tenant?: TenantId,
  ): Promise<{ summary: RunSummary | null; error?: unknown }> {
    try {
      return { summary: await job.run(tenant ? { tenant } : {}) };
    } catch (error) {
      return { summary: null, error: error ?? new Error('it failed without a word') };
    }
  }

  private report({ name, period, summary, error }: RunReport, durationMs: number, cause: unknown): void {
    const outcome = error === null ? 'done' : 'failed';
    this.metrics
      .counter({
        name: 'disburse_scheduled_runs_total',
        help: 'Runs of scheduled jobs by this process.',
        labels: ['job', 'outcome'],
      })
      .inc({ job: name, outcome });
    if (error !== null)
      this.log.error('schedule.run_failed', { job: name, period, durationMs, error: cause });
    else this.log.info('schedule.run_done', { job: name, period, durationMs, ...summary });
  }

  /** A run that cannot be written down was still a run: the next one finds the work as it is. */
  private async write(key: RunKey, statement: () => ReturnType<typeof heartbeat>): Promise<void> {
    try {
      await this.uow.runForSystem((tx) => sql(tx).count(statement()));
    } catch (error) {
      this.log.warn('schedule.not_recorded', { job: key.name, period: key.period, error });
    }
  }
}

function inWords(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return scrubbed(text).slice(0, ERROR_CHARS_MAX) || 'an error without words';
}
