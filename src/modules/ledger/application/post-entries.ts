import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../kernel/errors';
import type { Tx, PendingWrite } from '../../../kernel/tx';
import { EntryConflict, InsufficientBalance } from '../domain/errors';
import { balanceChangesOf, journalOf, type Journal, type JournalEntry } from '../domain/journal-entry';
import { type AccountRef, type EntryDraft, InvalidPosting, nameOf } from '../domain/posting';
import { LedgerStore } from './ports';

export type PreparedEntries = () => Journal;

/** Needs two round trips for any number of entries, and one more for a repeated reference or a new account. */
@Injectable()
export class PostEntries {
  constructor(private readonly store: LedgerStore) {}

  /** An error is thrown by `execute`, which also prevents the commit of the transaction. */
  prepare(drafts: readonly EntryDraft[]): PreparedEntries {
    try {
      const journal = journalOf(drafts);
      return () => journal;
    } catch (error) {
      return () => {
        throw error;
      };
    }
  }

  async execute(tx: Tx, entries: PreparedEntries): Promise<void> {
    try {
      await this.post(tx, entries());
    } catch (error) {
      // A caller that catches the error and commits would store entries without postings, and their references
      // would count as posted.
      if (error instanceof DomainError) await this.store.preventCommit(tx);
      throw error;
    }
  }

  /** @throws InvalidPosting */
  credits(drafts: readonly EntryDraft[]): PendingWrite[] {
    const { entries, accounts } = journalOf(drafts);
    const changes = balanceChangesOf(entries, accounts);
    const lowered = changes.find(({ delta }) => delta < 0n);
    if (lowered)
      throw new InvalidPosting(
        `${nameOf(accounts.get(lowered.id) as AccountRef)} would fall: use post(), which checks its floor`,
      );
    return this.store.credits(entries, accounts, changes);
  }

  private async post(tx: Tx, journal: Journal): Promise<void> {
    if (journal.entries.length === 0) return;
    const fresh = await this.open(tx, journal);
    if (fresh.length === 0) return;
    const short = await this.store.postLines(tx, fresh, balanceChangesOf(fresh, journal.accounts));
    const [first] = short;
    if (first) throw new InsufficientBalance(journal.accounts.get(first.id) as AccountRef, -first.minor);
  }

  private async open(tx: Tx, { entries, accounts }: Journal): Promise<JournalEntry[]> {
    const opened = await this.store.openEntries(tx, accounts, entries);
    const repeated = entries.filter((entry) => !opened.has(entry.id));
    if (repeated.length > 0) await this.assertSameContent(tx, repeated);
    return entries.filter((entry) => opened.has(entry.id));
  }

  private async assertSameContent(tx: Tx, repeated: JournalEntry[]): Promise<void> {
    const contents = await this.store.findContents(
      tx,
      repeated.map((entry) => entry.reference),
    );
    const other = repeated.find((entry) => !contents.get(entry.reference)?.equals(entry.contentHash));
    if (other) throw new EntryConflict(other.reference);
  }
}
