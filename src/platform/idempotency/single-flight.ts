import { keyInUse } from './errors';

/** How long a repeat waits for the first request. The lock timeout of claim_idempotency_key() is the same. */
export const WAIT_MS = 2_000;

/**
 * Requests that run in this process, by key. Repeats wait here instead of in the database, where ten of them, each
 * with a connection while it waits at the index, would use up the pool. Repeats in another process wait at the
 * index.
 */
export class SingleFlight<T> {
  private readonly running = new Map<string, Promise<T>>();

  /**
   * Waits for the request that runs under `slot` and returns its result; null when none runs (any more).
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

/** Null when the other request failed: then the key is free again. */
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
