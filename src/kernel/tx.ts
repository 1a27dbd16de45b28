import type { TenantId } from './ids';

declare const tx: unique symbol;

/** An open transaction of one tenant. Only platform/database makes one; whoever holds it may write. */
export interface Tx {
  readonly [tx]: true;
}

export interface RunOptions {
  readonly readOnly?: boolean;
  /** The access epoch under which the caller was let in; the transaction does not begin under another. @throws AccessChanged */
  readonly accessEpoch?: string | undefined;
}

/**
 * Where transactions come from. `run` refuses to nest and repeats the whole closure on a serialization failure or a
 * deadlock (at most 4 tries), so the closure must have no effect outside the database.
 */
export abstract class UnitOfWork {
  /** Everything the closure reads or writes belongs to `tenant`: row-level security sees to it. */
  abstract run<T>(tenant: TenantId, work: (tx: Tx) => Promise<T>, options?: RunOptions): Promise<T>;
  /** Finds work across tenants through routing columns; cannot read an amount or write a tenant's row. */
  abstract runForSystem<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** A hint that may be lost. It runs only when the transaction has committed. */
  abstract afterCommit(tx: Tx, hint: () => Promise<void>): void;
  /** The tenant a transaction was opened for; throws for one of the system. */
  abstract tenantOf(tx: Tx): TenantId;
}
