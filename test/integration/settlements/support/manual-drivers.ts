import type { TenantId } from '../../../../src/kernel/ids';
import { type Draw, TokenBucket } from '../../../../src/platform/cache';
import { type WakeUpHandler, WakeUps } from '../../../../src/platform/queue';
import { type RunSummary, Schedule, type ScheduledJob } from '../../../../src/platform/schedule';

/** Stores wake-ups until the test delivers them. */
export class ManualWakeUps extends WakeUps {
  private readonly waiting = new Map<string, Set<string>>();
  private readonly handlers = new Map<string, WakeUpHandler>();

  wake(queue: string, key: string): void {
    this.waiting.set(queue, (this.waiting.get(queue) ?? new Set()).add(key));
  }

  consume(queue: string, handler: WakeUpHandler): void {
    this.handlers.set(queue, handler);
  }

  /** Returns the number of delivered keys. */
  async deliver(queue: string): Promise<number> {
    const keys = [...(this.waiting.get(queue) ?? [])];
    this.waiting.delete(queue);
    for (const key of keys) await this.handlers.get(queue)?.(key);
    return keys.length;
  }

  /** Loses all wake-ups, as a crash of Redis would. */
  lose(): void {
    this.waiting.clear();
  }

  lastDeliveryAt(): Date | null {
    return new Date();
  }

  status(): never {
    throw new Error('not used in these tests');
  }

  async close(): Promise<void> {
    this.waiting.clear();
  }
}

/** Runs a job when the test calls it. */
export class ManualSchedule extends Schedule {
  private readonly jobs = new Map<string, ScheduledJob>();

  register(job: ScheduledJob): void {
    this.jobs.set(job.name, job);
  }

  run(name: string, tenant?: TenantId): Promise<RunSummary> {
    const job = this.jobs.get(name);
    if (!job) throw new Error(`no job ${name}`);
    return job.run({ tenant });
  }

  chosen(): never {
    throw new Error('a test runs one job by name');
  }

  runNow(): never {
    throw new Error('a test runs one job by name');
  }

  list(): never {
    throw new Error('not used in these tests');
  }
}

/** Grants every draw: other tests cover rate limits. */
export class UnboundedBucket extends TokenBucket {
  async draw(_key: string, wanted: number): Promise<Draw> {
    return { granted: wanted, left: wanted, waitMs: 0, shared: true };
  }

  async slow(): Promise<void> {
    return undefined;
  }
}
