/** Resolves with the first truthy value of `probe`, or rejects with `describe()` when the time is up. */
export function until<T>(
  probe: () => T | Promise<T>,
  timeoutMs: number,
  describe: () => string,
): Promise<NonNullable<T>>;

/** A zombie counts as dead. */
export function isAlive(pid: number): boolean;
