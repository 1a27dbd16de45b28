/**
 * Checks Redis; provided by the owner of the connection. Without one, Redis is reported as not in use.
 */
export abstract class RedisProbe {
  /** Rejects when Redis does not answer. */
  abstract ping(): Promise<void>;
}

export type PartStatus = 'up' | 'down' | 'not_in_use';

/** Whether `check` succeeds in time; a probe that hangs must not block its caller. */
export async function answersWithin(timeoutMs: number, check: () => Promise<unknown>): Promise<PartStatus> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), timeoutMs);
  });
  try {
    await Promise.race([check(), late]);
    return 'up';
  } catch {
    return 'down';
  } finally {
    clearTimeout(timer);
  }
}
