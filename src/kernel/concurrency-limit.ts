/** Lets so many run at once; the others wait their turn. */
export class ConcurrencyLimit {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly max: number) {}

  get isFull(): boolean {
    return this.running >= this.max;
  }

  /** How many wait. */
  get queued(): number {
    return this.waiting.length;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.isFull) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
    try {
      return await work();
    } finally {
      // The next waiting task takes the slot over.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
