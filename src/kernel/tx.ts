import type { TenantId } from './ids';

declare const tx: unique symbol;

/** An open transaction of one tenant. Only platform/database makes one; whoever holds it may write. */
export interface Tx {
  readonly [tx]: true;
}

declare const write: unique symbol;

/** Rows ready to be written, made by whoever owns the table, on their way with those of others. */
export interface PendingWrite {
  readonly [write]: true;
}

export interface RunOptions {
  readonly readOnly?: boolean;
  /** How long a statement waits for somebody else's lock; the installation's limit when it is not given. */
  readonly lockTimeoutMs?: number | undefined;
  /**
   * The access epoch under which the caller was let in; the transaction does not begin under another. @throws
   * AccessChanged
   */
  readonly accessEpoch?: string | undefined;
}

/**
 * Where transactions come from. `run` refuses to nest and repeats the whole closure on a serialization
 * failure or a deadlock (at most 4 tries), so the closure must have no effect outside the database.
 */
export abstract class UnitOfWork {
  /** Everything the closure reads or writes belongs to `tenant`: row-level security sees to it. */
  abstract run<T>(tenant: TenantId, work: (tx: Tx) => Promise<T>, options?: RunOptions): Promise<T>;
  /**
   * Finds work across tenants by routing columns: it reads no amount, and of a tenant's rows it writes only
   * what tells of access and ends it.
   */
  abstract runForSystem<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * For a request whose tenant is not known yet, and for people, who may have many. It has the rights of
   * `runForSystem` and connections of its own: however many are at the door, the installation's work goes on.
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
