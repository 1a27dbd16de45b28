import { Injectable } from '@nestjs/common';
import type { Tx, PendingWrite } from '../../../kernel/tx';
import { accountIdOf } from '../domain/account-id';
import { accountType } from '../domain/chart';
import { assertInChart } from '../domain/journal-entry';
import { InvalidPosting, nameOf, type AccountRef, type EntryDraft } from '../domain/posting';
import type { LedgerVerification } from '../domain/verification';
import { LedgerStore } from './ports';
import { PostEntries, type PreparedEntries } from './post-entries';
import { VerifyLedger } from './verify-ledger';

/** What the modules above may ask of the ledger. */
@Injectable()
export class Ledger {
  constructor(
    private readonly store: LedgerStore,
    private readonly postEntries: PostEntries,
    private readonly verification: VerifyLedger,
  ) {}

  /**
   * Posts all or nothing; call it once per transaction with everything there is to post, since its locks are
   * in order only within one call. Raises EntryConflict and InsufficientBalance, after which the transaction
   * cannot be committed, and InvalidPosting for a defect of the caller.
   */
  post(tx: Tx, drafts: readonly EntryDraft[]): Promise<void> {
    return this.postEntries.execute(tx, this.postEntries.prepare(drafts));
  }

  /**
   * The part of posting that needs no transaction: for whoever waits for the database meanwhile. Throws
   * nothing; a defect is raised when it is posted.
   */
  prepare(drafts: readonly EntryDraft[]): PreparedEntries {
    return this.postEntries.prepare(drafts);
  }

  /** As post. */
  postPrepared(tx: Tx, entries: PreparedEntries): Promise<void> {
    return this.postEntries.execute(tx, entries);
  }

  /**
   * Entries to be written with other things by `UnitOfWork.write`. Only for references that nobody can have
   * posted, because a repeat fails instead of being recognised, and for entries that raise stored balances:
   * no floor needs to be asked then. Throws InvalidPosting.
   */
  credits(drafts: readonly EntryDraft[]): PendingWrite[] {
    return this.postEntries.credits(drafts);
  }

  /** Balances in minor units, in the order of the question; 0 for an account that was never posted to. */
  async balancesOf(tx: Tx, refs: readonly AccountRef[]): Promise<bigint[]> {
    return inOrder(refs, (ids) => this.store.balances(tx, ids));
  }

  /**
   * As balancesOf, and nobody else changes them until this transaction ends. For kinds with a stored balance
   * only.
   */
  async lockBalances(tx: Tx, refs: readonly AccountRef[]): Promise<bigint[]> {
    for (const ref of refs)
      if (!accountType(ref.kind).stored)
        throw new InvalidPosting(`${nameOf(ref)} has no balance row to lock`);
    return inOrder(refs, (ids) =>
      this.store.lockBalances(tx, new Map(ids.map((id, index) => [id, refs[index] as AccountRef]))),
    );
  }

  /**
   * What is reserved, by recipient, purpose and currency, without zeros: for the comparison with live
   * transfers.
   */
  reservedBalances(tx: Tx): Promise<{ account: AccountRef; minor: bigint }[]> {
    return this.store.reservedBalances(tx);
  }

  /**
   * Recomputes everything and names what differs; runs the checks of LedgerChecks too. It must be the first
   * thing that its transaction does, because all checks look at one snapshot.
   */
  verify(tx: Tx): Promise<LedgerVerification> {
    return this.verification.execute(tx);
  }
}

async function inOrder(
  refs: readonly AccountRef[],
  read: (ids: string[]) => Promise<Map<string, bigint>>,
): Promise<bigint[]> {
  refs.forEach(assertInChart);
  const ids = refs.map(accountIdOf);
  const found = await read(ids);
  return ids.map((id) => found.get(id) ?? 0n);
}
