import { setTimeout as delay } from 'node:timers/promises';
import type { Job } from 'bull';
import type { Log } from '../logging';
import { KeyedSerialExecutor, isKey } from './keyed-serial-executor';
import { closeQueue, debounceKey, internals, type WakeUpData, type WakeUpQueue } from './bull-queues';
import type { QueueFigures } from './figures';
import type { WakeUpHandler } from './wake-ups';

const REDIS_PATIENCE_MS = 1_000;
const LIVENESS_EVERY_MS = 10_000;

/** Takes wake-ups out of Bull. Whatever a job is called and carries, it cannot stop the ones behind it. */
export class BullConsumer {
  private readonly deliveries: KeyedSerialExecutor;
  private readonly liveness: NodeJS.Timeout;
  private answered = true;

  constructor(
    private readonly queue: WakeUpQueue,
    handler: WakeUpHandler,
    concurrency: number,
    private readonly figures: QueueFigures,
    private readonly log: Log,
    requeue: (key: string) => void,
  ) {
    this.deliveries = new KeyedSerialExecutor(handler, figures, requeue);
    queue.on('error', (error) => this.troubled(error));
    this.liveness = setInterval(() => this.checkConnection(), LIVENESS_EVERY_MS);
    // Bull names its connection without looking at the outcome: closed at the wrong moment, that is an
    // unhandled rejection.
    Object.assign(queue, { setWorkerName: () => Promise.resolve() });
    // '*' takes jobs of any name: one of an unknown name would stay in Redis for ever.
    queue.process('*', concurrency, (job) => this.take(job)).catch((error: unknown) => this.troubled(error));
  }

  async close(): Promise<void> {
    clearInterval(this.liveness);
    // Not waited for: without Redis it may never resolve, and Deliveries begins nothing any more.
    void this.queue.pause(true, true).catch(() => undefined);
    await this.deliveries.stop();
    await closeQueue(this.queue);
  }

  private async take(job: Job<WakeUpData>): Promise<void> {
    const key: unknown = (job.data as WakeUpData | null)?.key;
    if (isKey(key)) await this.openFor(key);
    await this.deliveries.deliver(key);
  }

  /**
   * From here on a wake-up is a new job. When Redis does not answer, we look at the work now and later ones
   * are found by the sweep.
   */
  private async openFor(key: string): Promise<void> {
    const patience = new AbortController();
    const removed = this.queue.client.del(debounceKey(this.queue, key)).catch(() => undefined);
    await Promise.race([
      removed,
      delay(REDIS_PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
  }

  /**
   * A peer that vanished without a word leaves the blocking call waiting for ever: no answer from one look to
   * the next, and we connect anew.
   */
  private checkConnection(): void {
    const { client, bclient } = internals(this.queue);
    if (client.status !== 'ready') return;
    if (this.answered) {
      this.answered = false;
      client.ping().then(
        () => (this.answered = true),
        () => undefined,
      );
      return;
    }
    this.answered = true;
    this.log.warn('queue.redis_silent', { queue: this.queue.name });
    client.disconnect(true);
    bclient.disconnect(true);
  }

  /**
   * After every error: Bull hides the SyntaxError of a job that it took in one step with finishing the one
   * before.
   */
  private troubled(error: unknown): void {
    this.log.debug('queue.troubled', { queue: this.queue.name, error });
    if (internals(this.queue).client.status !== 'ready') return;
    void this.discardUnreadable().catch((failure: unknown) =>
      this.log.warn('wakeup.discard_failed', { queue: this.queue.name, error: failure }),
    );
  }

  /**
   * A job that is no JSON is taken, fails inside Bull, is found stalled and taken again, for ever: only
   * removing it helps.
   */
  private async discardUnreadable(): Promise<void> {
    const { queue } = this;
    const { client } = queue;
    const active = queue.toKey('active');
    for (const id of await client.lrange(active, 0, -1)) {
      const [data, options] = await client.hmget(queue.toKey(id), 'data', 'opts');
      if (isJson(data) && isJson(options)) continue;
      const removed = await client.lrem(active, 0, id);
      await client.del(queue.toKey(id), `${queue.toKey(id)}:lock`);
      await client.srem(queue.toKey('stalled'), id);
      if (removed) this.figures.drop('payload_unreadable');
    }
  }
}

function isJson(text: string | null | undefined): boolean {
  if (!text) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
