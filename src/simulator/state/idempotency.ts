/** Stripe keeps the first answer to a key for at least 24 hours and may then forget it: here it does. */
export const REMEMBERED_FOR_MS = 24 * 60 * 60 * 1000;

export interface StoredAnswer {
  readonly status: number;
  readonly body: string;
  readonly requestId: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface KeyEntry {
  readonly key: string;
  readonly path: string;
  readonly fingerprint: string;
  readonly firstSeenMs: number;
  /** Absent while the first call runs. */
  answer?: StoredAnswer;
}

export type KeyState =
  | { readonly state: 'fresh'; readonly entry: KeyEntry }
  | { readonly state: 'done'; readonly answer: StoredAnswer }
  | { readonly state: 'running' }
  | { readonly state: 'other_parameters'; readonly samePath: boolean };

export class IdempotencyStore {
  private readonly entries = new Map<string, KeyEntry>();

  begin(key: string, path: string, fingerprint: string, nowMs: number): KeyState {
    const known = this.entries.get(key);
    if (known === undefined || this.isForgotten(known, nowMs)) {
      const entry: KeyEntry = { key, path, fingerprint, firstSeenMs: nowMs };
      this.entries.set(key, entry);
      return { state: 'fresh', entry };
    }
    if (known.fingerprint !== fingerprint)
      return { state: 'other_parameters', samePath: known.path === path };
    return known.answer === undefined ? { state: 'running' } : { state: 'done', answer: known.answer };
  }

  /** True when a call with this key would be answered from the store, or refused because it is taken. */
  knows(key: string, nowMs: number): boolean {
    const known = this.entries.get(key);
    return known !== undefined && !this.isForgotten(known, nowMs);
  }

  restore(entry: KeyEntry): void {
    this.entries.set(entry.key, entry);
  }

  private isForgotten(entry: KeyEntry, nowMs: number): boolean {
    return entry.answer !== undefined && nowMs - entry.firstSeenMs >= REMEMBERED_FOR_MS;
  }
}
