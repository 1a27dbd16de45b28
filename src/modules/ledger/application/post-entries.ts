import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../kernel/errors';
import type { Tx, PendingWrite } from '../../../kernel/tx';
import { EntryConflict, InsufficientBalance } from '../domain/errors';
import { balanceChangesOf, journalOf, type Journal, type JournalEntry } from '../domain/journal-entry';
import { type AccountRef, type EntryDraft, InvalidPosting, nameOf } from '../domain/posting';
import { LedgerStore } from './ports';

export type PreparedEntries = () => Journal;

/**
 * Two round trips for any number of entries; one more when a reference is known already, or an account is
 * not.
 */
@Injectable()
export class PostEntries {
  constructor(private readonly store: LedgerStore) {}

  /** A refusal is kept, and raised by run: it must not leave a transaction that can be committed. */
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
      // Whoever catches a refusal and commits would keep entries without postings: their references would
      // count as posted.
      if (error instanceof DomainError) await this.store.doom(tx);
      throw error;
    }
  }

  /** Throws InvalidPosting. */
  credits(drafts: readonly EntryDraft[]): PendingWrite[] {
    const { entries, accounts } = journalOf(drafts);
    const changes = balanceChangesOf(entries, accounts);
    const lowered = changes.find(({ delta }) => delta < 0n);
    if (lowered)
      throw new InvalidPosting(
        `${nameOf(accounts.get(lowered.id) as AccountRef)} would fall: post it, so that its floor is asked`,
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
    if (repeated.length > 0) await this.refuseOtherContent(tx, repeated);
    return entries.filter((entry) => opened.has(entry.id));
  }

  private async refuseOtherContent(tx: Tx, repeated: JournalEntry[]): Promise<void> {
    const known = await this.store.knownContents(
      tx,
      repeated.map((entry) => entry.reference),
    );
    const other = repeated.find((entry) => !known.get(entry.reference)?.equals(entry.contentHash));
    if (other) throw new EntryConflict(other.reference);
  }
}
