import { isKey } from './keyed-serial-executor';
import type { QueueFigures } from './figures';
import { closeQueue, jobOptions, type WakeUpQueue } from './bull-queues';

/** Adds wake-ups. No caller waits for it, so the adds in progress are limited to one per key. */
export class BullProducer {
  /**
   * Keys that are being added; true when another wake-up came meanwhile, since the first may have been
   * consumed already.
   */
  private readonly adding = new Map<string, boolean>();
  private closing = false;

  constructor(
    private readonly queue: WakeUpQueue,
    private readonly figures: QueueFigures,
  ) {
    // Bull emits every failed reconnect; `connected` and the count of rejected adds report the same.
    queue.on('error', () => undefined);
    // Bull connects when it is first asked for its client. Asked by a wake-up, it would be too late for that
    // one.
    void queue.client;
  }

  get connected(): boolean {
    return this.queue.client.status === 'ready';
  }

  wake(key: string): void {
    if (!isKey(key)) return this.figures.reject('key_invalid');
    if (this.closing) return this.figures.reject('closing');
    if (this.adding.has(key)) return void this.adding.set(key, true);
    void this.add(key);
  }

  async close(): Promise<void> {
    this.closing = true;
    await closeQueue(this.queue);
  }

  private async add(key: string): Promise<void> {
    try {
      do {
        this.adding.set(key, false);
        await this.queue.add({ key }, jobOptions(key));
        this.figures.accept();
      } while (this.adding.get(key));
    } catch (error) {
      this.figures.reject('redis_unavailable', error);
      // A connection whose other end is gone without a word would otherwise be believed for a quarter of an
      // hour.
      if (error instanceof Error && error.message === 'Command timed out') this.queue.client.disconnect(true);
    } finally {
      this.adding.delete(key);
    }
  }
}
