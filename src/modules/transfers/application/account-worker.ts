import { setTimeout as delay } from 'node:timers/promises';
import type { TenantId } from '../../../kernel/ids';
import type { ClaimedCall } from './claim-transfers';
import type { CallResult } from './record-outcomes';

const PACE_WAIT_MS = 100;
/** A prefetched call should not wait longer than this, as long as calls take what they took so far. */
const PREFETCH_MS = 250;
/**
 * Outcomes that complete within this time are recorded together: a transaction for a few of them costs almost
 * as much as one for a hundred.
 */
const BATCH_WAIT_MS = 20;
/** Weight of one call in the moving average of call durations. */
const WEIGHT = 1 / 32;

/** The three steps that a worker puts in order for one rail account. */
export interface AccountSteps {
  readonly settings: { readonly concurrency: number; readonly batch: number; readonly timeLimitMs: number };
  claim(
    tenant: TenantId,
    railAccountId: string,
    free: number,
  ): Promise<ClaimedCall[] | 'paced' | 'nothing_due'>;
  send(call: ClaimedCall): Promise<CallResult>;
  record(tenant: TenantId, results: readonly CallResult[]): Promise<void>;
}

/**
 * Works on one rail account for a limited time: at most `concurrency` calls in flight, one recording at a
 * time. More calls are prefetched (claimed before they can be sent), so that claims are few and large: as many
 * as are in flight, up to a batch while calls are quick. When the provider hangs, prefetched calls wait for a
 * whole call; a lease of more than two call deadlines lets the first of them be sent in time, and the guarded
 * sender drops the others. Outcomes beyond the next recording count as claimed, so that a database that is
 * slower than the provider limits the calls.
 */
export class AccountWorker {
  private readonly prefetched: ClaimedCall[] = [];
  private readonly completions: CallResult[] = [];
  private inFlight = 0;
  private callMs = Number.POSITIVE_INFINITY;
  private recording: Promise<void> | null = null;
  private notifyCompletion: () => void = () => undefined;
  private endBatchWait: () => void = () => undefined;
  private readonly endsAt: number;

  constructor(
    private readonly tenant: TenantId,
    private readonly railAccountId: string,
    private readonly steps: AccountSteps,
    private readonly stopping: () => boolean,
  ) {
    this.endsAt = performance.now() + steps.settings.timeLimitMs;
  }

  /** Returns whether more may be due. */
  async work(): Promise<boolean> {
    try {
      return await this.workUntilTimeIsUp();
    } finally {
      while (this.inFlight) await this.nextCompletion();
      while (this.recording) await this.recording;
    }
  }

  private async workUntilTimeIsUp(): Promise<boolean> {
    const { concurrency, batch } = this.steps.settings;
    while (!this.stopping() && performance.now() < this.endsAt) {
      const prefetchLimit = this.prefetchLimit();
      const waiting = Math.max(0, this.completions.length - batch);
      const free = concurrency + prefetchLimit - this.inFlight - this.prefetched.length - waiting;
      if (free < prefetchLimit / 2) {
        await this.nextCompletion();
        continue;
      }
      const claimed = await this.steps.claim(this.tenant, this.railAccountId, free);
      if (claimed === 'paced') await delay(PACE_WAIT_MS);
      else if (claimed !== 'nothing_due') this.start(claimed);
      else if (this.inFlight) await this.nextCompletion();
      else return false;
    }
    return !this.stopping();
  }

  private prefetchLimit(): number {
    const { concurrency, batch } = this.steps.settings;
    return Math.max(concurrency, Math.min(batch, Math.floor((concurrency * PREFETCH_MS) / this.callMs)));
  }

  /** What is claimed is sent, also when the time is up. */
  private start(claimed: readonly ClaimedCall[]): void {
    this.prefetched.push(...claimed);
    while (this.inFlight < this.steps.settings.concurrency) {
      const call = this.prefetched.shift();
      if (!call) return;
      this.inFlight += 1;
      const startedAt = performance.now();
      void this.steps.send(call).then((result) => this.complete(result, performance.now() - startedAt));
    }
  }

  private complete(result: CallResult, tookMs: number): void {
    this.inFlight -= 1;
    this.callMs = Number.isFinite(this.callMs) ? this.callMs + (tookMs - this.callMs) * WEIGHT : tookMs;
    this.completions.push(result);
    this.start([]);
    this.recording ??= this.recordAll();
    if (this.isBatchComplete()) this.endBatchWait();
    this.notifyCompletion();
  }

  /** Resolves when the next call completes, or when outcomes were recorded. */
  private nextCompletion(): Promise<void> {
    return new Promise((resolve) => (this.notifyCompletion = resolve));
  }

  private async recordAll(): Promise<void> {
    while (this.completions.length) {
      await this.awaitBatch();
      await this.steps.record(this.tenant, this.completions.splice(0, this.steps.settings.batch));
      this.notifyCompletion();
    }
    this.recording = null;
  }

  private async awaitBatch(): Promise<void> {
    if (this.isBatchComplete()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, BATCH_WAIT_MS);
      this.endBatchWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private isBatchComplete(): boolean {
    return this.inFlight === 0 || this.completions.length >= this.steps.settings.batch;
  }
}
