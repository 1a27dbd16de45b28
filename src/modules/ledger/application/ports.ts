import type { TenantId } from '../../../kernel/ids';
import type { Tx, PendingWrite } from '../../../kernel/tx';
import type { BalanceChange, JournalEntry } from '../domain/journal-entry';
import type { AccountRef } from '../domain/posting';
import type { CheckOutcome } from '../domain/verification';

/** Entries, accounts, postings and checkpoints. Most methods are one statement. */
export abstract class LedgerStore {
  /** Inserts entries with new references, and missing accounts. Returns the ids of the inserted entries. */
  abstract openEntries(
    tx: Tx,
    accounts: ReadonlyMap<string, AccountRef>,
    entries: readonly JournalEntry[],
  ): Promise<Set<string>>;
  /** Returns content hashes by reference. */
  abstract findContents(tx: Tx, references: readonly string[]): Promise<Map<string, Buffer>>;
  /**
   * Changes balances and inserts postings. If accounts would fall below their floor, it writes nothing and
   * returns them with the balance they would have, in minor units.
   */
  abstract postLines(
    tx: Tx,
    entries: readonly JournalEntry[],
    changes: readonly BalanceChange[],
  ): Promise<{ id: string; minor: bigint }[]>;
  /** For entries with new references that only raise stored balances. */
  abstract credits(
    entries: readonly JournalEntry[],
    accounts: ReadonlyMap<string, AccountRef>,
    changes: readonly BalanceChange[],
  ): PendingWrite[];
  /** Returns balances in minor units by account id. Accounts without postings are missing. */
  abstract balances(tx: Tx, accountIds: readonly string[]): Promise<Map<string, bigint>>;
  /** Creates missing accounts, so that they can be locked, too. */
  abstract lockBalances(tx: Tx, accounts: ReadonlyMap<string, AccountRef>): Promise<Map<string, bigint>>;
  abstract reservedBalances(tx: Tx): Promise<{ account: AccountRef; minor: bigint }[]>;
  /**
   * Makes the transaction read one snapshot, and raises its statement timeout. PostgreSQL rejects it after the
   * first query of a transaction.
   */
  abstract useOneSnapshot(tx: Tx): Promise<void>;
  abstract verify(tx: Tx): Promise<CheckOutcome[]>;
  /** Makes the transaction impossible to commit. */
  abstract preventCommit(tx: Tx): Promise<void>;
  /** Runs as the system. */
  abstract tenantsToCheckpoint(tx: Tx): Promise<TenantId[]>;
  /** Returns whether the checkpoint now covers all final entries. */
  abstract advanceCheckpoint(tx: Tx, entriesMax: number): Promise<boolean>;
}
