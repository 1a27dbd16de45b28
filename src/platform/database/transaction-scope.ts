import { AsyncLocalStorage } from 'node:async_hooks';

const scope = new AsyncLocalStorage<true>();

export function withinTransaction<T>(work: () => Promise<T>): Promise<T> {
  return scope.run(true, work);
}

export function insideTransaction(): boolean {
  return scope.getStore() === true;
}

/** Hints start outside: what they do is no longer part of the transaction they came from. */
export function outsideTransaction<T>(work: () => Promise<T>): Promise<T> {
  return scope.exit(work);
}

/**
 * Called by every network adapter before it sends. A call to a provider inside a transaction holds row locks
 * for as long as the provider likes, and a lost commit then forgets that money moved.
 */
export function assertOutsideTransaction(adapter: string): void {
  if (insideTransaction()) throw new Error(`${adapter} must not be called inside a database transaction`);
}
