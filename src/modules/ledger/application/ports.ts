import type { TenantId } from '../../../kernel/ids';
import type { Tx, PendingWrite } from '../../../kernel/tx';
import type { BalanceChange, JournalEntry } from '../domain/journal-entry';
import type { AccountRef } from '../domain/posting';
import type { CheckOutcome } from '../domain/verification';

/** The journal as the use cases need it; nearly every method is one statement. */
export abstract class LedgerStore {
  /** Writes the entries with new references, and the accounts. Answers the ids of those that were new. */
  abstract openEntries(
    tx: Tx,
    accounts: ReadonlyMap<string, AccountRef>,
    entries: readonly JournalEntry[],
  ): Promise<Set<string>>;
  /** Content hashes by reference. */
  abstract knownContents(tx: Tx, references: readonly string[]): Promise<Map<string, Buffer>>;
  /**
   * Changes balances and writes postings, or answers the accounts that would fall below their floor, with the
   * balance they would have.
   */
  abstract postLines(
    tx: Tx,
    entries: readonly JournalEntry[],
    changes: readonly BalanceChange[],
  ): Promise<{ id: string; minor: bigint }[]>;
  /** Entries with new references that only raise stored balances. */
  abstract credits(
    entries: readonly JournalEntry[],
    accounts: ReadonlyMap<string, AccountRef>,
    changes: readonly BalanceChange[],
  ): PendingWrite[];
  /** By account id; accounts without any posting are missing. */
  abstract balances(tx: Tx, accountIds: readonly string[]): Promise<Map<string, bigint>>;
  /** Makes those that are missing: what nobody has yet can be locked, too. */
  abstract lockBalances(tx: Tx, accounts: ReadonlyMap<string, AccountRef>): Promise<Map<string, bigint>>;
  abstract reservedBalances(tx: Tx): Promise<{ account: AccountRef; minor: bigint }[]>;
  /**
   * From here on the transaction looks at one snapshot, for as long as reading everything takes. Refused when
   * it has read anything before.
   */
  abstract holdSnapshot(tx: Tx): Promise<void>;
  abstract verify(tx: Tx): Promise<CheckOutcome[]>;
  /** Makes the transaction impossible to commit. */
  abstract doom(tx: Tx): Promise<void>;
  /** In a transaction of the system. */
  abstract tenantsToCheckpoint(tx: Tx): Promise<TenantId[]>;
  /** Answers whether everything final is covered now. */
  abstract advanceCheckpoint(tx: Tx, entriesMax: number): Promise<boolean>;
}
