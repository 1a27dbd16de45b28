import type { TenantId } from './ids';

declare const tx: unique symbol;

/** An open transaction of one tenant. Only platform/database makes one; its holder may write. */
export interface Tx {
  readonly [tx]: true;
}

declare const write: unique symbol;

/** Rows ready to be written, made by the owner of the table, sent together with those of others. */
export interface PendingWrite {
  readonly [write]: true;
}

export interface RunOptions {
  readonly readOnly?: boolean;
  /** How long a statement waits for a lock; the installation's limit when absent. */
  readonly lockTimeoutMs?: number | undefined;
  /**
   * The access epoch under which the caller was authenticated; under another one the transaction does not
   * begin. @throws AccessChanged
   */
  readonly accessEpoch?: string | undefined;
}

/**
 * Where transactions come from. `run` refuses to nest and repeats the whole closure on a serialization
 * failure or a deadlock (at most 4 tries), so the closure must have no effect outside the database.
 */
export abstract class UnitOfWork {
  /** Everything the closure reads or writes belongs to `tenant`: row-level security enforces it. */
  abstract run<T>(tenant: TenantId, work: (tx: Tx) => Promise<T>, options?: RunOptions): Promise<T>;
  /**
   * Finds work across tenants by routing columns: it reads no amount, and of a tenant's rows it writes only
   * audit records, access epochs and key revocations.
   */
  abstract runForSystem<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * For requests whose tenant is not determined yet, and for users, who may have several. It has the rights of
   * `runForSystem` and a pool of its own, so that many sign-ins do not delay the relay or the sweeps.
   */
  abstract runAcrossTenants<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * All of them in one message, for ways on which a round trip counts; rows for one statement by one. None
   * sees what another wrote.
   */
  abstract write(tx: Tx, writes: readonly PendingWrite[]): Promise<void>;
  /**
   * As `write`, and with it the transaction is over: both go in one flight, and what is refused is thrown by
   * `run`.
   */
  abstract writeAndCommit(tx: Tx, writes: readonly PendingWrite[]): void;
  /** A hint that may be lost. It runs only when the transaction has committed. */
  abstract afterCommit(tx: Tx, hint: () => Promise<void>): void;
  /** The tenant a transaction was opened for; throws for one of the system. */
  abstract tenantOf(tx: Tx): TenantId;
}
