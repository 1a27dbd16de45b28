import type { TenantId } from '../../kernel/ids';

/** What a run did. Every skip is counted and named. */
export interface RunSummary {
  readonly found: number;
  readonly done: number;
  readonly failed: number;
  readonly skipped: readonly { readonly reason: string; readonly count: number }[];
}

export interface ScheduledJob {
  /** Stable and unique, since runs are stored under it: `expand-settlements`. */
  readonly name: string;
  readonly everyMs: number;
  /**
   * Finds its work in the database each time. Two runs may overlap, and a run may be lost half-way: it must
   * not matter.
   */
  run(scope: { readonly tenant?: TenantId }): Promise<RunSummary>;
  /** Runs in every worker, not once per period over all processes. */
  readonly perProcess?: boolean;
  /**
   * Works across tenants whatever the scope: a tenant can neither start it nor read its counts, which are
   * others' too.
   */
  readonly ofInstallation?: boolean;
}

/** One run that was asked for by hand. */
export interface RunReport {
  readonly name: string;
  readonly period: string;
  readonly summary: RunSummary | null;
  readonly error: string | null;
}

/** What is known of a job over all processes. */
export interface JobHealth {
  readonly name: string;
  readonly everyMs: number;
  readonly perProcess: boolean;
  readonly lastStartedAt: Date | null;
  readonly lastSuccessAt: Date | null;
  readonly lastErrorAt: Date | null;
  readonly lastError: string | null;
  /** Counts of the last run that ended without an error. */
  readonly lastSummary: RunSummary | null;
  /** Started, not ended, and its process still gives signs of life. */
  readonly running: boolean;
}

export abstract class Schedule {
  /** Called in onModuleInit, in every role: a process that does not tick can still run a job by hand. */
  abstract register(job: ScheduledJob): void;
  /** Names of the jobs that `runNow` would run. Throws UnknownJob. */
  abstract chosen(names?: readonly string[], tenant?: TenantId): string[];
  /**
   * Runs jobs now, one after another (all of them unless named), for one tenant if given; same path as a
   * tick. A tenant has no jobs of the installation. Throws UnknownJob.
   */
  abstract runNow(names?: readonly string[], tenant?: TenantId): Promise<RunReport[]>;
  abstract list(): Promise<JobHealth[]>;
}
