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

/** The interface of the ledger for other modules. */
@Injectable()
export class Ledger {
  constructor(
    private readonly store: LedgerStore,
    private readonly postEntries: PostEntries,
    private readonly verification: VerifyLedger,
  ) {}

  /**
   * Posts all entries or none. Call it once per transaction, with all entries: its locks are ordered within one
   * call only.
   *
   * @throws EntryConflict, InsufficientBalance, after which the transaction cannot be committed
   * @throws InvalidPosting for a defect of the caller
   */
  post(tx: Tx, drafts: readonly EntryDraft[]): Promise<void> {
    return this.postEntries.execute(tx, this.postEntries.prepare(drafts));
  }

  /**
   * The part of posting that needs no transaction, so that a caller can do it while it waits for the database.
   * Never throws: postPrepared throws the errors.
   */
  prepare(drafts: readonly EntryDraft[]): PreparedEntries {
    return this.postEntries.prepare(drafts);
  }

  /** @throws as `post` */
  postPrepared(tx: Tx, entries: PreparedEntries): Promise<void> {
    return this.postEntries.execute(tx, entries);
  }

  /**
   * Entries for `UnitOfWork.write`, together with other writes. Only for new references, because a repeated one
   * fails instead of being ignored, and only for entries that raise stored balances: floors are not checked.
   *
   * @throws InvalidPosting
   */
  credits(drafts: readonly EntryDraft[]): PendingWrite[] {
    return this.postEntries.credits(drafts);
  }

  /** Balances in minor units, in the order of `refs`; 0 for an account without postings. */
  async balancesOf(tx: Tx, refs: readonly AccountRef[]): Promise<bigint[]> {
    return inOrder(refs, (ids) => this.store.balances(tx, ids));
  }

  /**
   * As balancesOf, and locks the balances until the transaction ends.
   *
   * @throws InvalidPosting for a kind without a stored balance
   */
  async lockBalances(tx: Tx, refs: readonly AccountRef[]): Promise<bigint[]> {
    for (const ref of refs)
      if (!accountType(ref.kind).stored)
        throw new InvalidPosting(`${nameOf(ref)} has no balance row to lock`);
    return inOrder(refs, (ids) =>
      this.store.lockBalances(tx, new Map(ids.map((id, index) => [id, refs[index] as AccountRef]))),
    );
  }

  /** Reserved balances above 0, in minor units, for the comparison with open transfers. */
  reservedBalances(tx: Tx): Promise<{ account: AccountRef; minor: bigint }[]> {
    return this.store.reservedBalances(tx);
  }

  /**
   * Recomputes all balances, runs all registered checks, and returns the differences. It must be the first
   * operation of its transaction, because all checks read one snapshot.
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
