import { Cache } from './cache';
import { LocalCache } from './local-cache';

const ENTRIES_MAX = 10_000;

interface Entry {
  readonly text: string;
  readonly untilMs: number;
}

/** Values are stored as text, so that a caller cannot change what others read. */
export class InProcessCache extends Cache {
  private readonly entries: LocalCache<string, Entry>;

  constructor(private readonly nowMs: () => number = () => performance.now()) {
    super();
    const ttlOf = ({ untilMs }: Entry) => untilMs - nowMs();
    this.entries = new LocalCache({ maxEntries: ENTRIES_MAX, ttlOf }, nowMs);
  }

  async get<T>(key: string): Promise<T | null> {
    const entry = this.entries.get(key);
    return entry ? (JSON.parse(entry.text) as T) : null;
  }

  async set(key: string, value: unknown, ttlMs: number): Promise<boolean> {
    this.entries.set(key, { text: JSON.stringify(value), untilMs: this.nowMs() + ttlMs });
    return true;
  }

  async delete(key: string): Promise<void> {
    this.entries.invalidate(key);
  }

  async increment(key: string, by: number, ttlMs: number): Promise<number> {
    const entry = this.entries.get(key);
    const sum = (entry ? Number(entry.text) : 0) + by;
    this.entries.set(key, { text: String(sum), untilMs: entry?.untilMs ?? this.nowMs() + ttlMs });
    return sum;
  }
}
