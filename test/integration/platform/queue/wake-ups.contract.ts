import { once } from 'node:events';
import { EventEmitter } from 'node:events';
import type { WakeUps } from '../../../../src/platform/queue';
import { until } from '../until';

export interface OpenedWakeUps {
  readonly wakeUps: WakeUps;
  /** A queue nobody else uses. */
  readonly queue: string;
  /** Puts something that is no wake-up where wake-ups lie. */
  poison(key: string): void | Promise<void>;
}

/** A handler that notes its runs and ends them when told to. */
class Gate {
  readonly runs: string[] = [];
  running = 0;
  most = 0;
  private readonly events = new EventEmitter();
  private open = false;

  readonly handler = async (key: string): Promise<void> => {
    this.runs.push(key);
    this.most = Math.max(this.most, ++this.running);
    if (!this.open) await once(this.events, 'open');
    this.running--;
  };

  async release(): Promise<void> {
    this.open = true;
    this.events.emit('open');
    await until(() => this.running === 0);
  }

  /** Lets go of what runs now; what comes later waits again. */
  step(): void {
    this.events.emit('open');
  }
}

/** What every adapter of the port promises. */
export function keepsThePromisesOfWakeUps(open: () => Promise<OpenedWakeUps>): void {
  let opened: OpenedWakeUps;
  let gate: Gate;
  const wake = (...keys: string[]) => keys.forEach((key) => opened.wakeUps.wake(opened.queue, key));
  const consume = (concurrency: number, handler: (key: string) => Promise<void> = gate.handler) =>
    opened.wakeUps.consume(opened.queue, handler, { concurrency });
  const figures = () => opened.wakeUps.status().queues.find(({ queue }) => queue === opened.queue);

  beforeEach(async () => {
    opened = await open();
    gate = new Gate();
    await until(() => opened.wakeUps.status().connected);
  });
  afterEach(async () => {
    await gate.release();
    await opened.wakeUps.close();
  });

  it('delivers a key, and remembers when', async () => {
    expect(opened.wakeUps.lastDeliveryAt(opened.queue)).toBeNull();
    const before = Date.now();
    consume(1);
    wake('acct-1');
    await until(() => gate.runs.length === 1);
    expect(gate.runs).toEqual(['acct-1']);
    expect(opened.wakeUps.lastDeliveryAt(opened.queue)?.getTime()).toBeGreaterThanOrEqual(before);
  });

  it('delivers every key of many', async () => {
    consume(5);
    await gate.release();
    const keys = Array.from({ length: 200 }, (_, n) => `acct-${n}`);
    wake(...keys);
    await until(() => gate.runs.length >= 200);
    expect([...gate.runs].sort()).toEqual([...keys].sort());
  });

  it('makes one of wake-ups that wait for the same key', async () => {
    consume(1);
    wake('busy');
    await until(() => gate.running === 1);
    for (let n = 0; n < 50; n++) wake('same');
    wake('last');
    await gate.release();
    await until(() => gate.runs.includes('last'));
    // One more is allowed: a wake-up that came while the first was on its way.
    expect(gate.runs.filter((key) => key === 'same').length).toBeLessThanOrEqual(2);
  });

  it('runs a key once more when a wake-up came while it ran, and not at the same time', async () => {
    consume(5);
    wake('acct');
    await until(() => gate.running === 1);
    wake('acct');
    wake('other');
    await until(() => gate.runs.includes('other'));
    expect(gate.runs.filter((key) => key === 'acct')).toHaveLength(1);
    gate.step();
    await until(() => gate.runs.filter((key) => key === 'acct').length === 2);
    gate.step();
    await until(() => gate.running === 0);
    expect(gate.runs.filter((key) => key === 'acct')).toHaveLength(2);
  });

  it('never runs more at once than it was told', async () => {
    consume(3);
    wake(...Array.from({ length: 12 }, (_, n) => `acct-${n}`));
    await until(() => gate.running === 3);
    gate.step();
    await until(() => gate.runs.length >= 6);
    await gate.release();
    await until(() => gate.runs.length === 12);
    expect(gate.most).toBe(3);
  });

  it('survives a handler that throws, at once or later', async () => {
    const seen: string[] = [];
    consume(1, (key) => {
      seen.push(key);
      if (key === 'throws') throw new Error('at once');
      return key === 'rejects' ? Promise.reject(new Error('later')) : Promise.resolve();
    });
    wake('throws', 'rejects', 'fine');
    await until(() => seen.length === 3);
    expect([...seen].sort()).toEqual(['fine', 'rejects', 'throws']);
    await until(() => figures()?.failed === 2);
    wake('throws', 'rejects');
    await until(() => figures()?.failed === 4);
  });

  it('never throws at whoever wakes, whatever the queue or the key', async () => {
    expect(() => opened.wakeUps.wake('no-such-queue', 'x')).not.toThrow();
    expect(() => wake('', 'x'.repeat(1_000), '{"a":1}', 'line\nbreak')).not.toThrow();
    expect(figures()?.rejected).toBe(4);
  });

  it('drops what is no wake-up, with a count, and goes on', async () => {
    consume(1);
    await gate.release();
    await opened.poison('good');
    await until(() => gate.runs.includes('good'));
    expect(gate.runs).toEqual(['good']);
  });

  it('refuses a second consumer and an unknown queue', () => {
    consume(1);
    expect(() => consume(1)).toThrow('has a consumer already');
    expect(() => opened.wakeUps.consume('no-such-queue', gate.handler, { concurrency: 1 })).toThrow(
      'no-such-queue',
    );
  });

  it('drains when it closes: takes nothing more, lets what runs end, and only then is closed', async () => {
    consume(1);
    wake('running', 'waiting');
    await until(() => gate.running === 1);
    let closed = false;
    const closing = opened.wakeUps.close().then(() => (closed = true));
    wake('late');
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(false);
    expect(gate.running).toBe(1);
    gate.step();
    await closing;
    expect(gate.running).toBe(0);
    expect(gate.runs).toHaveLength(1);
  });
}
