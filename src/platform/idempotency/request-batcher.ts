/** How many lists of one line are under way at once, and how long a list gets. */
export interface GatheringLimits {
  readonly listsAtOnce: number;
  readonly itemsMax: number;
}

interface Waiting<Item, Done> {
  readonly item: Item;
  readonly resolve: (done: Done) => void;
  readonly reject: (reason: unknown) => void;
}

interface BatchQueue<Item, Done> {
  readonly waiting: Waiting<Item, Done>[];
  underWay: number;
}

/**
 * What comes in while lists of its line are under way waits, and is the next list: under load many are done
 * at what one costs, and nobody ever waits for company. `together` answers when the list's place is free
 * again, with what becomes of each, which may still be on its way. A list that throws is refused whole.
 */
export class RequestBatcher<Item, Done> {
  private readonly lines = new Map<string, BatchQueue<Item, Done>>();

  constructor(
    private readonly together: (items: readonly Item[]) => Promise<readonly Promise<Done>[]>,
    private readonly limits: GatheringLimits,
  ) {}

  add(key: string, item: Item): Promise<Done> {
    const line = this.lines.get(key) ?? { waiting: [], underWay: 0 };
    this.lines.set(key, line);
    return new Promise((resolve, reject) => {
      line.waiting.push({ item, resolve, reject });
      this.start(key, line);
    });
  }

  private start(key: string, line: BatchQueue<Item, Done>): void {
    if (line.underWay >= this.limits.listsAtOnce) return;
    line.underWay += 1;
    // Once this turn of the event loop is over: what else came in with it is of the list.
    setImmediate(() => {
      void this.goOn(line).finally(() => {
        line.underWay -= 1;
        if (line.waiting.length > 0) this.start(key, line);
        else if (line.underWay === 0) this.lines.delete(key);
      });
    });
  }

  private async goOn({ waiting }: BatchQueue<Item, Done>): Promise<void> {
    const list = waiting.splice(0, this.limits.itemsMax);
    if (list.length === 0) return;
    try {
      const outcomes = await this.together(list.map(({ item }) => item));
      list.forEach(({ resolve, reject }, nth) => {
        const outcome = outcomes[nth];
        if (outcome) outcome.then(resolve, reject);
        else reject(new Error(`nothing became of ${nth} of ${list.length} in a list`));
      });
    } catch (error) {
      list.forEach(({ reject }) => reject(error));
    }
  }
}
