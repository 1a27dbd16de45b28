import { keyInUse } from './errors';

/** How long a repeat waits for the first request; the lock timeout of claim_idempotency_key() is the same. */
export const WAIT_MS = 2_000;

/**
 * Requests of this process that run under a key right now. Repeats wait here instead of in the database: ten
 * of them, each holding a connection while it waits at the index, would be the whole pool. Nothing is
 * remembered beyond the first's end, and repeats in another process wait at the index.
 */
export class SingleFlight<T> {
  private readonly running = new Map<string, Promise<T>>();

  /**
   * Waits while somebody runs under `slot` and answers what they made of it; null when it is our turn.
   * @throws HttpProblem `idempotency_key_in_use`
   */
  async othersResult(slot: string): Promise<T | null> {
    const deadlineMs = performance.now() + WAIT_MS;
    for (let first = this.running.get(slot); first; first = this.running.get(slot)) {
      const result = await within(deadlineMs - performance.now(), first);
      if (result !== null) return result;
    }
    return null;
  }

  async run(slot: string, work: () => Promise<T>): Promise<T> {
    const running = work();
    this.running.set(slot, running);
    try {
      return await running;
    } finally {
      this.running.delete(slot);
    }
  }
}

/** Null when the other failed: then the key is free again. */
async function within<T>(timeoutMs: number, other: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(keyInUse()), Math.max(0, timeoutMs));
  });
  try {
    return await Promise.race([other.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
}
