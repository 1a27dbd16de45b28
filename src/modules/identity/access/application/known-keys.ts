import type { Principal } from '../../../../kernel/principal';

/**
 * How long somebody whose access ended may still read in a process that knew them. What they write asks the
 * access epoch.
 */
export const KNOWN_FOR_MS = 5_000;
const KNOWN_MAX = 10_000;

/** Who was let in, and for how long at most; null is without end. */
export interface Admitted {
  readonly principal: Principal;
  readonly forMs: number | null;
}

interface Known {
  until: number;
  readonly principal: Promise<Principal | null>;
  answer: Principal | null;
}

/**
 * Callers seen a moment ago, keys and people, by the hash of what they came with (and of a person the tenant
 * that was asked for). Only answers that let a caller in are remembered: strangers cannot fill it, and a key
 * that was just made works at once.
 */
export class KnownKeys {
  private readonly keys = new Map<string, Known>();

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** Many requests of one key at once ask `load` once. */
  get(hash: string, load: () => Promise<Admitted | null>): Promise<Principal | null> {
    const known = this.keys.get(hash);
    if (known && known.until > this.nowMs()) return known.principal;
    return this.remember(hash, load());
  }

  /** The answer that is there and still stands. */
  now(hash: string): Principal | null {
    const known = this.keys.get(hash);
    return known && known.until > this.nowMs() ? known.answer : null;
  }

  /** This very answer: one that was asked for since is younger, and stays. */
  forget(principal: Principal): void {
    for (const [hash, known] of this.keys) if (known.answer === principal) this.keys.delete(hash);
  }

  async forgetId(principalId: string): Promise<void> {
    this.forgetIds(new Set([principalId]));
  }

  /**
   * One walk for all of them. Who is just being looked up goes too: the answer may be older than what ended,
   * and nobody knows yet whose it is.
   */
  forgetIds(principalIds: ReadonlySet<string>): void {
    for (const [hash, { answer }] of this.keys)
      if (!answer || principalIds.has(answer.id)) this.keys.delete(hash);
  }

  private remember(hash: string, loading: Promise<Admitted | null>): Promise<Principal | null> {
    const askedAt = this.nowMs();
    const principal = loading.then((admitted) => admitted?.principal ?? null);
    const known: Known = { until: askedAt + KNOWN_FOR_MS, principal, answer: null };
    const drop = (): void => {
      if (this.keys.get(hash) === known) this.keys.delete(hash);
    };
    this.keys.delete(hash);
    this.keys.set(hash, known);
    loading.then((admitted) => {
      if (!admitted) return drop();
      known.answer = admitted.principal;
      known.until = askedAt + Math.min(KNOWN_FOR_MS, admitted.forMs ?? KNOWN_FOR_MS);
    }, drop);
    const [oldest] = this.keys.keys();
    if (this.keys.size > KNOWN_MAX && oldest !== undefined) this.keys.delete(oldest);
    return principal;
  }
}
