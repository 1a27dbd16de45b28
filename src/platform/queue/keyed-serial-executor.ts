import type { QueueFigures } from './figures';
import type { WakeUpHandler } from './wake-ups';

const KEY = /^[\w.:/-]{1,200}$/;

export function isKey(key: unknown): key is string {
  return typeof key === 'string' && KEY.test(key);
}

/**
 * Brings what a queue delivers to its handler: one run per key at a time. A wake-up that came in between goes
 * back to the end of the queue by `requeue`: run on the spot, an account that wakes itself would keep its
 * place for ever.
 */
export class KeyedSerialExecutor {
  private readonly running = new Map<string, Promise<void>>();
  private readonly again = new Set<string>();
  private closing = false;

  constructor(
    private readonly handler: WakeUpHandler,
    private readonly figures: QueueFigures,
    private readonly requeue: (key: string) => void,
  ) {}

  isRunning(key: string): boolean {
    return this.running.has(key);
  }

  /** Never rejects: a handler that throws is counted and logged, and the next sweep finds the work again. */
  async deliver(key: unknown): Promise<void> {
    this.figures.deliver();
    if (!isKey(key)) return this.figures.drop('key_invalid');
    if (this.running.has(key)) return void this.again.add(key);
    if (this.closing) return;
    // In a later turn, so that even a handler that throws at once ends after it was noted as running.
    const run = Promise.resolve().then(() => this.handle(key));
    this.running.set(key, run);
    await run;
  }

  /** Nothing begins any more; resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.closing = true;
    await Promise.all(this.running.values());
  }

  private async handle(key: string): Promise<void> {
    try {
      await this.handler(key);
    } catch (error) {
      this.figures.fail(key, error);
    }
    this.running.delete(key);
    if (this.again.delete(key) && !this.closing) this.requeue(key);
  }
}
