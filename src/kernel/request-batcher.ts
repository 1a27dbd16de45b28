/** How many batches of one key run at once, and how many items a batch has at most. */
export interface BatchLimits {
  readonly batchesAtOnce: number;
  readonly itemsMax: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

interface BatchQueue<Item, Result> {
  readonly waiting: Waiting<Item, Result>[];
  running: number;
}

/**
 * Items that arrive while batches of their key run wait and form the next batch: under load many items share the
 * cost of one, and no item waits for others. `execute` resolves when the next batch may start, with one promise per
 * item, which may still be pending. If it rejects, all items of the batch are rejected.
 */
export class RequestBatcher<Item, Result> {
  private readonly queues = new Map<string, BatchQueue<Item, Result>>();

  constructor(
    private readonly execute: (items: readonly Item[]) => Promise<readonly Promise<Result>[]>,
    private readonly limits: BatchLimits,
  ) {}

  add(key: string, item: Item): Promise<Result> {
    const queue = this.queues.get(key) ?? { waiting: [], running: 0 };
    this.queues.set(key, queue);
    return new Promise((resolve, reject) => {
      queue.waiting.push({ item, resolve, reject });
      this.start(key, queue);
    });
  }

  private start(key: string, queue: BatchQueue<Item, Result>): void {
    if (queue.running >= this.limits.batchesAtOnce) return;
    queue.running += 1;
    // In the next tick of the event loop, so that all items of this tick are in the batch.
    setImmediate(() => {
      void this.runNext(queue).finally(() => {
        queue.running -= 1;
        if (queue.waiting.length > 0) this.start(key, queue);
        else if (queue.running === 0) this.queues.delete(key);
      });
    });
  }

  private async runNext({ waiting }: BatchQueue<Item, Result>): Promise<void> {
    const batch = waiting.splice(0, this.limits.itemsMax);
    if (batch.length === 0) return;
    try {
      const results = await this.execute(batch.map(({ item }) => item));
      batch.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result) result.then(resolve, reject);
        else reject(new Error(`no result for item ${index} of a batch of ${batch.length}`));
      });
    } catch (error) {
      batch.forEach(({ reject }) => reject(error));
    }
  }
}
