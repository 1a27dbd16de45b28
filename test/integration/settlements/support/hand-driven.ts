import type { TenantId } from '../../../../src/kernel/ids';
import { type Draw, TokenBucket } from '../../../../src/platform/cache';
import { type WakeUpHandler, WakeUps } from '../../../../src/platform/queue';
import { type RunSummary, Schedule, type ScheduledJob } from '../../../../src/platform/schedule';

/** Wake-ups that wait until the test delivers them: nothing happens behind a test's back. */
export class HandDeliveredWakeUps extends WakeUps {
  private readonly waiting = new Map<string, Set<string>>();
  private readonly handlers = new Map<string, WakeUpHandler>();

  wake(queue: string, key: string): void {
    this.waiting.set(queue, (this.waiting.get(queue) ?? new Set()).add(key));
  }

  consume(queue: string, handler: WakeUpHandler): void {
    this.handlers.set(queue, handler);
  }

  /** Answers how many keys had waited. */
  async deliver(queue: string): Promise<number> {
    const keys = [...(this.waiting.get(queue) ?? [])];
    this.waiting.delete(queue);
    for (const key of keys) await this.handlers.get(queue)?.(key);
    return keys.length;
  }

  /** As when the queue's server dies. */
  lose(): void {
    this.waiting.clear();
  }

  lastDeliveryAt(): Date | null {
    return new Date();
  }

  status(): never {
    throw new Error('nobody asks in these tests');
  }

  async close(): Promise<void> {
    this.waiting.clear();
  }
}

/** Runs a job when the test says so. */
export class HandRunSchedule extends Schedule {
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
    throw new Error('a test keeps no history of runs');
  }
}

/** The pace is another suite's subject. */
export class UnboundedBucket extends TokenBucket {
  async draw(_key: string, wanted: number): Promise<Draw> {
    return { granted: wanted, left: wanted, waitMs: 0, shared: true };
  }

  async slow(): Promise<void> {
    return undefined;
  }
}
