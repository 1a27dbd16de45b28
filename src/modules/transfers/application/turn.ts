import { setTimeout as delay } from 'node:timers/promises';
import type { TenantId } from '../../../kernel/ids';
import type { ClaimedCall } from './claim-transfers';
import type { CallResult } from './record-outcomes';

const PACE_WAIT_MS = 100;
/**
 * What is claimed ahead should not wait longer for its place than this, as long as calls take what they took.
 */
const AHEAD_MS = 250;
/**
 * Answers that arrive within this time are recorded together: a transaction for a few of them costs almost as
 * much as one for a hundred.
 */
const GATHER_MS = 20;
/** How much one call counts in what calls take. */
const WEIGHT = 1 / 32;

/** What a turn puts in order: claims, calls and recordings of one account. */
export interface TurnWork {
  readonly settings: { readonly concurrency: number; readonly batch: number; readonly turnMs: number };
  claim(
    tenant: TenantId,
    railAccountId: string,
    free: number,
  ): Promise<ClaimedCall[] | 'paced' | 'nothing_due'>;
  send(call: ClaimedCall): Promise<CallResult>;
  record(tenant: TenantId, results: readonly CallResult[]): Promise<void>;
}

/**
 * One turn of one account: at most `concurrency` calls in flight, one recording at a time. While calls are in
 * flight, more are claimed ahead, so that claims are few and large and no free place waits for one: as many
 * as are in flight, and up to a batch where calls are quick. When the provider falls silent they wait for a
 * whole call: with two call deadlines and more in the lease the first of them still go out in time, and the
 * sender refuses what does not. Answers that wait for more than the next recording count as claimed: a
 * database that records slower than the provider pays must not be paid ahead of.
 */
export class Turn {
  private readonly ahead: ClaimedCall[] = [];
  private readonly arrived: CallResult[] = [];
  private inFlight = 0;
  private callMs = Number.POSITIVE_INFINITY;
  private recording: Promise<void> | null = null;
  private progressed: () => void = () => undefined;
  private gathered: () => void = () => undefined;
  private readonly endsAt: number;

  constructor(
    private readonly tenant: TenantId,
    private readonly railAccountId: string,
    private readonly by: TurnWork,
    private readonly stopping: () => boolean,
  ) {
    this.endsAt = performance.now() + by.settings.turnMs;
  }

  async run(): Promise<boolean> {
    try {
      return await this.work();
    } finally {
      while (this.inFlight) await this.progress();
      await this.settle();
    }
  }

  private async work(): Promise<boolean> {
    const { concurrency, batch } = this.by.settings;
    while (!this.stopping() && performance.now() < this.endsAt) {
      const aheadMax = this.aheadMax();
      const waiting = Math.max(0, this.arrived.length - batch);
      const free = concurrency + aheadMax - this.inFlight - this.ahead.length - waiting;
      if (free < aheadMax / 2) {
        await this.progress();
        continue;
      }
      const claimed = await this.by.claim(this.tenant, this.railAccountId, free);
      if (claimed === 'paced') await delay(PACE_WAIT_MS);
      else if (claimed !== 'nothing_due') this.start(claimed);
      else if (this.inFlight) await this.progress();
      else return false;
    }
    return !this.stopping();
  }

  private aheadMax(): number {
    const { concurrency, batch } = this.by.settings;
    return Math.max(concurrency, Math.min(batch, Math.floor((concurrency * AHEAD_MS) / this.callMs)));
  }

  /** What is claimed goes out, also when the turn is over. */
  private start(claimed: readonly ClaimedCall[]): void {
    this.ahead.push(...claimed);
    while (this.inFlight < this.by.settings.concurrency) {
      const call = this.ahead.shift();
      if (!call) return;
      this.inFlight += 1;
      const startedAt = performance.now();
      void this.by.send(call).then((result) => this.arrive(result, performance.now() - startedAt));
    }
  }

  private arrive(result: CallResult, tookMs: number): void {
    this.inFlight -= 1;
    this.callMs = Number.isFinite(this.callMs) ? this.callMs + (tookMs - this.callMs) * WEIGHT : tookMs;
    this.arrived.push(result);
    this.start([]);
    this.recording ??= this.drain();
    if (this.isGathered()) this.gathered();
    this.progressed();
  }

  /** Resolves at the next answer, or when some were recorded. */
  private progress(): Promise<void> {
    return new Promise((resolve) => (this.progressed = resolve));
  }

  private async drain(): Promise<void> {
    while (this.arrived.length) {
      await this.gather();
      await this.by.record(this.tenant, this.arrived.splice(0, this.by.settings.batch));
      this.progressed();
    }
    this.recording = null;
  }

  private async gather(): Promise<void> {
    if (this.isGathered()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, GATHER_MS);
      this.gathered = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** No answer that is on its way is worth waiting for. */
  private isGathered(): boolean {
    return this.inFlight === 0 || this.arrived.length >= this.by.settings.batch;
  }

  private async settle(): Promise<void> {
    while (this.recording) await this.recording;
  }
}
