import { setImmediate as soon } from 'node:timers/promises';
import { newId, tenantIdOf } from '../../../kernel/ids';
import type { ClaimedCall } from './claim-transfers';
import type { CallResult } from './record-outcomes';
import { Turn, type TurnWork } from './turn';

const CONCURRENCY = 4;
const BATCH = 20;

/** An account with `due` transfers. Calls are answered, and recordings end, when the test says so. */
class Account {
  readonly claims: number[] = [];
  readonly recorded: number[] = [];
  inFlightMax = 0;
  private readonly calls: (() => void)[] = [];

  constructor(
    private due: number,
    private readonly recording: () => Promise<void> = () => Promise.resolve(),
  ) {}

  turn(): Promise<boolean> {
    const by: TurnWork = {
      settings: { concurrency: CONCURRENCY, batch: BATCH, turnMs: 60_000 },
      claim: (_tenant, _account, free) => Promise.resolve(this.claim(free)),
      send: (call) => new Promise((resolve) => this.sent(() => resolve({ call } as CallResult))),
      record: (_tenant, results) => {
        this.recorded.push(results.length);
        return this.recording();
      },
    };
    return new Turn(tenantIdOf(newId()), newId(), by, () => false).run();
  }

  get inFlight(): number {
    return this.calls.length;
  }

  get claimed(): number {
    return this.claims.reduce((sum, count) => sum + count, 0);
  }

  /** Answers what is in flight, and what follows, until nothing moves. */
  async answerAll(): Promise<void> {
    for (let quiet = 0; quiet < 5; quiet = this.calls.length ? 0 : quiet + 1) {
      this.calls.splice(0).forEach((answer) => answer());
      await soon();
    }
  }

  private sent(answer: () => void): void {
    this.calls.push(answer);
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

describe('a turn', () => {
  it('claims no more ahead than is in flight until it knows that calls are quick, and then up to a batch', async () => {
    const account = new Account(1_000);
    const turn = account.turn();
    await soon();
    expect({ inFlight: account.inFlight, claimed: account.claimed }).toEqual({
      inFlight: CONCURRENCY,
      claimed: 2 * CONCURRENCY,
    });
    await account.answerAll();
    await turn;
    expect(account.inFlightMax).toBe(CONCURRENCY);
    expect(Math.max(...account.claims)).toBeGreaterThan(2 * CONCURRENCY);
    expect(account.recorded.reduce((sum, count) => sum + count, 0)).toBe(1_000);
  });

  it('records what arrives together in one transaction', async () => {
    const account = new Account(CONCURRENCY);
    const turn = account.turn();
    await soon();
    await account.answerAll();
    await turn;
    expect(account.recorded).toEqual([CONCURRENCY]);
  });

  it('pays no further ahead while a recording hangs, and goes on when it ends', async () => {
    let end: () => void = () => undefined;
    const hangs = new Promise<void>((resolve) => (end = resolve));
    const account = new Account(1_000, () => hangs);
    const turn = account.turn();
    await soon();
    await account.answerAll();
    // One batch is being recorded, one waits for its turn, and what was claimed ahead has been answered too.
    expect(account.claimed).toBeLessThanOrEqual(2 * BATCH + CONCURRENCY + BATCH);
    end();
    while (account.claimed < 1_000) await account.answerAll();
    await account.answerAll();
    await turn;
    expect(account.recorded.reduce((sum, count) => sum + count, 0)).toBe(1_000);
  });
});
