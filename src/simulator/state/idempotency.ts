/** Stripe keeps the first response to a key for at least 24 hours and may then forget it. The simulator forgets it. */
export const REMEMBERED_FOR_MS = 24 * 60 * 60 * 1000;

export interface StoredResponse {
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
  response?: StoredResponse;
}

export type KeyState =
  | { readonly state: 'fresh'; readonly entry: KeyEntry }
  | { readonly state: 'done'; readonly response: StoredResponse }
  | { readonly state: 'running' }
  | { readonly state: 'other_parameters'; readonly samePath: boolean };

export class IdempotencyStore {
  private readonly entries = new Map<string, KeyEntry>();

  begin(key: string, path: string, fingerprint: string, nowMs: number): KeyState {
    const stored = this.entries.get(key);
    if (stored === undefined || this.isForgotten(stored, nowMs)) {
      const entry: KeyEntry = { key, path, fingerprint, firstSeenMs: nowMs };
      this.entries.set(key, entry);
      return { state: 'fresh', entry };
    }
    if (stored.fingerprint !== fingerprint)
      return { state: 'other_parameters', samePath: stored.path === path };
    return stored.response === undefined
      ? { state: 'running' }
      : { state: 'done', response: stored.response };
  }

  /** True when a call with this key would get the stored response, or an error because the key is in use. */
  has(key: string, nowMs: number): boolean {
    const stored = this.entries.get(key);
    return stored !== undefined && !this.isForgotten(stored, nowMs);
  }

  restore(entry: KeyEntry): void {
    this.entries.set(entry.key, entry);
  }

  private isForgotten(entry: KeyEntry, nowMs: number): boolean {
    return entry.response !== undefined && nowMs - entry.firstSeenMs >= REMEMBERED_FOR_MS;
  }
}
