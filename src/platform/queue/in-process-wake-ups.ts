import type { Log } from '../logging';
import type { Metrics } from '../metrics';
import { KeyedSerialExecutor, isKey } from './keyed-serial-executor';
import { QueueFigures } from './figures';
import { type WakeUpHandler, WakeUps, type WakeUpsStatus } from './wake-ups';

interface Lane {
  readonly deliveries: KeyedSerialExecutor;
  readonly concurrency: number;
  /** In the order in which they came; a key that waits already waits once. */
  readonly waiting: Set<string>;
  running: number;
}

/** Wakes this process only. Others find the work when they sweep. */
export class InProcessWakeUps extends WakeUps {
  private readonly lanes = new Map<string, Lane>();
  private readonly figures: ReadonlyMap<string, QueueFigures>;
  private closing = false;

  constructor(
    queues: readonly string[],
    private readonly log: Log,
    metrics: Metrics,
  ) {
    super();
    this.figures = new Map(queues.map((queue) => [queue, new QueueFigures(queue, log, metrics)]));
  }

  wake(queue: string, key: string): void {
    const figures = this.figures.get(queue);
    const lane = this.lanes.get(queue);
    if (!figures) return this.log.error('wakeup.queue_unknown', { queue });
    if (!isKey(key)) return figures.reject('key_invalid');
    if (!lane || this.closing) return figures.reject(lane ? 'closing' : 'no_consumer');
    figures.accept();
    lane.waiting.add(key);
    // Never inside the caller's turn: a wake-up is often sent from within something the handler waits for.
    setImmediate(() => this.fill(lane));
  }

  consume(queue: string, handler: WakeUpHandler, { concurrency }: { readonly concurrency: number }): void {
    const figures = this.figures.get(queue);
    if (!figures) throw new Error(`the queue ${queue} is not declared by any module`);
    if (this.lanes.has(queue)) throw new Error(`the queue ${queue} has a consumer already`);
    this.lanes.set(queue, {
      deliveries: new KeyedSerialExecutor(handler, figures, (key) => this.wake(queue, key)),
      concurrency,
      waiting: new Set(),
      running: 0,
    });
  }

  lastDeliveryAt(queue: string): Date | null {
    return this.figures.get(queue)?.status.lastDeliveryAt ?? null;
  }

  status(): WakeUpsStatus {
    return {
      adapter: 'in-process',
      connected: true,
      queues: [...this.figures.values()].map(({ status }) => status),
    };
  }

  async close(): Promise<void> {
    this.closing = true;
    const lanes = [...this.lanes.values()];
    lanes.forEach(({ waiting }) => waiting.clear());
    await Promise.all(lanes.map(({ deliveries }) => deliveries.stop()));
  }

  private fill(lane: Lane): void {
    for (const key of lane.waiting) {
      if (lane.running >= lane.concurrency) return;
      // Its end looks here again.
      if (lane.deliveries.isRunning(key)) continue;
      lane.waiting.delete(key);
      this.start(lane, key);
    }
  }

  private start(lane: Lane, key: string): void {
    lane.running++;
    void lane.deliveries.deliver(key).then(() => {
      lane.running--;
      this.fill(lane);
    });
  }
}
