import { Cache } from './cache';

interface Kept {
  readonly text: string;
  readonly untilMs: number;
}

const ENTRIES_MAX = 10_000;

/**
 * Bounded: what was not used for longest goes first. Values are kept as text, so that a caller cannot change
 * what others will read.
 */
export class InProcessCache extends Cache {
  private readonly kept = new Map<string, Kept>();

  constructor(private readonly nowMs: () => number = () => performance.now()) {
    super();
  }

  async get<T>(key: string): Promise<T | null> {
    const kept = this.living(key);
    if (kept) this.keep(key, kept.text, kept.untilMs);
    return kept ? (JSON.parse(kept.text) as T) : null;
  }

  async set(key: string, value: unknown, ttlMs: number): Promise<boolean> {
    this.keep(key, JSON.stringify(value), this.nowMs() + ttlMs);
    return true;
  }

  async delete(key: string): Promise<void> {
    this.kept.delete(key);
  }

  async increment(key: string, by: number, ttlMs: number): Promise<number> {
    const kept = this.living(key);
    const sum = (kept ? Number(kept.text) : 0) + by;
    this.keep(key, String(sum), kept?.untilMs ?? this.nowMs() + ttlMs);
    return sum;
  }

  private living(key: string): Kept | undefined {
    const kept = this.kept.get(key);
    if (kept && kept.untilMs <= this.nowMs()) this.kept.delete(key);
    return this.kept.get(key);
  }

  private keep(key: string, text: string, untilMs: number): void {
    this.kept.delete(key);
    if (this.kept.size >= ENTRIES_MAX) this.kept.delete(this.kept.keys().next().value as string);
    this.kept.set(key, { text, untilMs });
  }
}
