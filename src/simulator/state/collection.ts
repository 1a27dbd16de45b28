export interface Stored {
  readonly id: string;
  readonly createdMs: number;
  /** Place in creation order; set by the collection. */
  position: number;
}

export interface PageQuery {
  readonly limit: number;
  readonly after?: number;
  readonly before?: number;
  readonly createdFromMs?: number;
  readonly createdUntilMs?: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly hasMore: boolean;
}

/** The first index whose position is `position` or later; the lists are in creation order. */
function indexAtOrAfter(ordered: readonly Stored[], position: number): number {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ordered[middle]?.position ?? 0) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Newest first, as every list of Stripe. Reads only what it returns and what the filters skip. */
export function pageOf<T extends Stored>(ordered: readonly T[], query: PageQuery): Page<T> {
  const upward = query.before !== undefined;
  const items: T[] = [];
  const step = upward ? 1 : -1;
  let index = upward
    ? indexAtOrAfter(ordered, (query.before ?? 0) + 1)
    : indexAtOrAfter(ordered, query.after ?? Infinity) - 1;
  for (; index >= 0 && index < ordered.length; index += step) {
    const item = ordered[index] as T;
    if (query.createdUntilMs !== undefined && item.createdMs > query.createdUntilMs) {
      if (upward) break;
      continue;
    }
    if (query.createdFromMs !== undefined && item.createdMs < query.createdFromMs) {
      if (!upward) break;
      continue;
    }
    if (items.length === query.limit) return { items: upward ? items.reverse() : items, hasMore: true };
    items.push(item);
  }
  return { items: upward ? items.reverse() : items, hasMore: false };
}

export class Collection<T extends Stored> {
  private readonly byId = new Map<string, T>();
  readonly ordered: T[] = [];

  /** Returns true when the item is new. An item whose id exists replaces the old one in its position. */
  put(item: T): boolean {
    const previous = this.byId.get(item.id);
    item.position = previous?.position ?? this.ordered.length;
    this.ordered[item.position] = item;
    this.byId.set(item.id, item);
    return previous === undefined;
  }

  get(id: string): T | undefined {
    return this.byId.get(id);
  }

  get size(): number {
    return this.ordered.length;
  }
}

export class Index<T> {
  private readonly groups = new Map<string, T[]>();

  add(key: string, item: T): void {
    const group = this.groups.get(key);
    if (group === undefined) this.groups.set(key, [item]);
    else group.push(item);
  }

  get(key: string): readonly T[] {
    return this.groups.get(key) ?? [];
  }
}
