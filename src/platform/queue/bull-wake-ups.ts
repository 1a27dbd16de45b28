import type { Log } from '../logging';
import type { Metrics } from '../metrics';
import { BullConsumer } from './bull-consumer';
import { BullProducer } from './bull-producer';
import { closeQueue, type WakeUpQueue } from './bull-queues';
import { QueueFigures } from './figures';
import { type WakeUpHandler, WakeUps, type WakeUpsStatus } from './wake-ups';

export interface BullQueuePair {
  readonly name: string;
  readonly producer: WakeUpQueue;
  /** Absent in a process that is no worker. */
  readonly consumer?: WakeUpQueue;
}

/** Wakes whichever process is free, through Redis. Bull's own state, attempts and results are never read. */
export class BullWakeUps extends WakeUps {
  private readonly queues: ReadonlyMap<
    string,
    BullQueuePair & { readonly figures: QueueFigures; readonly adds: BullProducer }
  >;
  private readonly consumers = new Map<string, BullConsumer>();

  constructor(
    pairs: readonly BullQueuePair[],
    private readonly log: Log,
    metrics: Metrics,
  ) {
    super();
    this.queues = new Map(
      pairs.map((pair) => {
        const figures = new QueueFigures(pair.name, log, metrics);
        return [pair.name, { ...pair, figures, adds: new BullProducer(pair.producer, figures) }];
      }),
    );
  }

  wake(queue: string, key: string): void {
    const known = this.queues.get(queue);
    if (!known) return this.log.error('wakeup.queue_unknown', { queue });
    known.adds.wake(key);
  }

  consume(queue: string, handler: WakeUpHandler, { concurrency }: { readonly concurrency: number }): void {
    const known = this.queues.get(queue);
    if (!known?.consumer)
      throw new Error(
        known
          ? `a process without the role worker cannot consume ${queue}`
          : `the queue ${queue} is not declared by any module`,
      );
    if (this.consumers.has(queue)) throw new Error(`the queue ${queue} has a consumer already`);
    this.consumers.set(
      queue,
      new BullConsumer(known.consumer, handler, concurrency, known.figures, this.log, (key) =>
        known.adds.wake(key),
      ),
    );
  }

  lastDeliveryAt(queue: string): Date | null {
    return this.queues.get(queue)?.figures.status.lastDeliveryAt ?? null;
  }

  status(): WakeUpsStatus {
    const queues = [...this.queues.values()];
    return {
      adapter: 'bull',
      connected: queues.every(({ adds }) => adds.connected),
      queues: queues.map(({ figures }) => figures.status),
    };
  }

  async close(): Promise<void> {
    // Consumers first: handlers that still run may send wake-ups.
    await Promise.all([...this.consumers.values()].map((consumer) => consumer.close()));
    await Promise.all(
      [...this.queues.values()].flatMap(({ adds, consumer }) =>
        consumer ? [adds.close(), closeQueue(consumer)] : [adds.close()],
      ),
    );
  }
}
