import { setImmediate as soon } from 'node:timers/promises';
import { newId, tenantIdOf } from '../../../kernel/ids';
import type { ClaimedCall } from './claim-transfers';
import type { CallResult } from './record-outcomes';
import { type AccountSteps, AccountWorker } from './account-worker';

const CONCURRENCY = 4;
const BATCH = 20;

/** An account with `due` transfers. Calls complete, and recordings end, when the test says so. */
class Account {
  readonly claims: number[] = [];
  readonly recorded: number[] = [];
  inFlightMax = 0;
  private readonly calls: (() => void)[] = [];

  constructor(
    private due: number,
    private readonly recording: () => Promise<void> = () => Promise.resolve(),
  ) {}

  work(): Promise<boolean> {
    const steps: AccountSteps = {
      settings: { concurrency: CONCURRENCY, batch: BATCH, timeLimitMs: 60_000 },
      claim: (_tenant, _account, free) => Promise.resolve(this.claim(free)),
      send: (call) => new Promise((resolve) => this.sent(() => resolve({ call } as CallResult))),
      record: (_tenant, results) => {
        this.recorded.push(results.length);
        return this.recording();
      },
    };
    return new AccountWorker(tenantIdOf(newId()), newId(), steps, () => false).work();
  }

  get inFlight(): number {
    return this.calls.length;
  }

  get claimed(): number {
    return this.claims.reduce((sum, count) => sum + count, 0);
  }

  /** Completes what is in flight, and what follows, until nothing moves. */
  async completeAll(): Promise<void> {
    for (let quiet = 0; quiet < 5; quiet = this.calls.length ? 0 : quiet + 1) {
      this.calls.splice(0).forEach((complete) => complete());
      await soon();
    }
  }

  private sent(complete: () => void): void {
    this.calls.push(complete);
    this.inFlightMax = Math.max(this.inFlightMax, this.calls.length);
  }

  private claim(free: number): ClaimedCall[] | 'nothing_due' {
    const count = Math.min(free, BATCH, this.due);
    if (!count) return 'nothing_due';
    this.due -= count;
    this.claims.push(count);
    return Array.from({ length: count }, () => ({}) as ClaimedCall);
  }
}

describe('an account worker', () => {
  it('prefetches as many calls as are in flight, and up to a batch once calls prove to be quick', async () => {
    const account = new Account(1_000);
    const working = account.work();
    await soon();
    expect({ inFlight: account.inFlight, claimed: account.claimed }).toEqual({
      inFlight: CONCURRENCY,
      claimed: 2 * CONCURRENCY,
    });
    await account.completeAll();
    await working;
    expect(account.inFlightMax).toBe(CONCURRENCY);
    expect(Math.max(...account.claims)).toBeGreaterThan(2 * CONCURRENCY);
    expect(account.recorded.reduce((sum, count) => sum + count, 0)).toBe(1_000);
  });

  it('records outcomes that complete together in one transaction', async () => {
    const account = new Account(CONCURRENCY);
    const working = account.work();
    await soon();
    await account.completeAll();
    await working;
    expect(account.recorded).toEqual([CONCURRENCY]);
  });

  it('stops claiming while a recording hangs, and continues when it ends', async () => {
    let end: () => void = () => undefined;
    const hangs = new Promise<void>((resolve) => (end = resolve));
    const account = new Account(1_000, () => hangs);
    const working = account.work();
    await soon();
    await account.completeAll();
    // One batch is being recorded, one waits, and the prefetched calls have completed too.
    expect(account.claimed).toBeLessThanOrEqual(2 * BATCH + CONCURRENCY + BATCH);
    end();
    while (account.claimed < 1_000) await account.completeAll();
    await account.completeAll();
    await working;
    expect(account.recorded.reduce((sum, count) => sum + count, 0)).toBe(1_000);
  });
});
