import { LRUCache } from 'lru-cache';

interface Stored<V> {
  readonly value: V;
  readonly freshUntilMs: number;
}

interface Load<V> {
  readonly value: Promise<V>;
  readonly startedMs: number;
}

/** How much a cache holds at most; the entry that was used least recently is evicted first. */
export type CacheBound<K, V> =
  | { readonly maxEntries: number }
  | { readonly maxBytes: number; readonly bytesOf: (value: V, key: K) => number };

export type LocalCacheOptions<K, V> = CacheBound<K, V> & {
  /** How long a value is fresh, counted from the moment at which its load began. Default: until evicted. */
  readonly ttlMs?: number;
  /** A shorter lifetime for this value. A value with 0 or less is returned to its caller and not stored. */
  readonly ttlOf?: (value: V) => number;
};

/**
 * A bounded cache in this process, on lru-cache, by the monotonic clock. Freshness is checked here and not by
 * lru-cache, for which a lifetime of 0 and an entry stored at 0 ms are fresh for ever.
 */
export class LocalCache<K extends string, V> {
  private readonly entries: LRUCache<K, Stored<V>>;
  private readonly loads = new Map<K, Load<V>>();
  private readonly ttlMs: number;
  /** Counts invalidations: a value whose load began before one may be older than the change. */
  private invalidations = 0;

  constructor(
    private readonly options: LocalCacheOptions<K, V>,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.ttlMs = options.ttlMs ?? Infinity;
    this.entries = new LRUCache(
      'maxEntries' in options
        ? { max: options.maxEntries }
        : { maxSize: options.maxBytes, sizeCalculation: ({ value }, key) => options.bytesOf(value, key) },
    );
  }

  /** The sum of `bytesOf` over all entries. */
  get bytes(): number {
    return this.entries.calculatedSize;
  }

  get(key: K): V | undefined {
    const stored = this.entries.get(key);
    if (!stored) return undefined;
    if (stored.freshUntilMs === Infinity || stored.freshUntilMs > this.nowMs()) return stored.value;
    this.entries.delete(key);
    return undefined;
  }

  set(key: K, value: V, startedMs = this.nowMs()): void {
    const ttlMs = Math.min(this.ttlMs, this.options.ttlOf?.(value) ?? Infinity);
    if (ttlMs > 0) this.entries.set(key, { value, freshUntilMs: startedMs + ttlMs });
    else this.entries.delete(key);
  }

  /** Returns the fresh value, or loads it. Each caller loads for itself, as in its own transaction. */
  async load(key: K, read: () => Promise<V>): Promise<V> {
    return this.get(key) ?? this.read(key, read);
  }

  /** As `load`, but callers that need the same value at the same moment share one load. */
  loadShared(key: K, read: () => Promise<V>): Promise<V> {
    const stored = this.get(key);
    if (stored !== undefined) return Promise.resolve(stored);
    const startedMs = this.nowMs();
    const running = this.loads.get(key);
    if (running && startedMs < running.startedMs + this.ttlMs) return running.value;
    const value = this.read(key, read).finally(() => {
      if (this.loads.get(key)?.value === value) this.loads.delete(key);
    });
    this.loads.set(key, { value, startedMs });
    return value;
  }

  /** After a change of this key's value. */
  invalidate(key: K): void {
    this.entries.delete(key);
    this.invalidateLoads();
  }

  /** After a change of all values that match, loads that are running included. */
  invalidateWhere(matches: (value: V) => boolean): void {
    this.removeWhere(matches);
    this.invalidateLoads();
  }

  /** As `invalidateWhere`, but leaves loads that are running: they are younger than what is removed. */
  removeWhere(matches: (value: V) => boolean): void {
    for (const [key, { value }] of [...this.entries.entries()]) if (matches(value)) this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
    this.invalidateLoads();
  }

  private invalidateLoads(): void {
    this.invalidations += 1;
    this.loads.clear();
  }

  private async read(key: K, read: () => Promise<V>): Promise<V> {
    const [startedMs, before] = [this.nowMs(), this.invalidations];
    const value = await read();
    if (this.invalidations === before) this.set(key, value, startedMs);
    return value;
  }
}
