import { Injectable } from '@nestjs/common';
import { tenantIdOf, type TenantId } from '../../../../kernel/ids';
import { UnitOfWork, type Tx, type PendingWrite } from '../../../../kernel/tx';
import { sql, pendingWrite } from '../../../../platform/database';
import { LedgerStore } from '../../application/ports';
import { accountType } from '../../domain/chart';
import type { BalanceChange, JournalEntry } from '../../domain/journal-entry';
import type { AccountRef } from '../../domain/posting';
import type { CheckOutcome } from '../../domain/verification';
import { insertEntries, insertPostings, raiseBalances } from './sql/credits.sql';
import { balances, lockBalances } from './sql/balances.sql';
import {
  advanceCheckpoint,
  resetCheckpoint,
  lockCheckpoint,
  tenantsToCheckpoint,
} from './sql/checkpoints.sql';
import type { ComparisonRow } from './sql/comparison.sql';
import { ensureAccounts, type NamedAccount } from './sql/ensure-accounts.sql';
import { findContents } from './sql/entry-contents.sql';
import { openEntries } from './sql/open-entries.sql';
import { postLines } from './sql/post-lines.sql';
import { reservedBalances } from './sql/reserved-balances.sql';
import { verifyBalances } from './sql/verify-balances.sql';
import { verifyEntries } from './sql/verify-entries.sql';

/** Verification reads the whole ledger: with millions of postings it would exceed the usual timeout. */
const USE_ONE_SNAPSHOT = `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET LOCAL statement_timeout = '10min'`;

/** An error aborts the transaction, so that PostgreSQL rejects its commit. */
const PREVENT_COMMIT = `DO $$ BEGIN RAISE EXCEPTION 'aborted by the ledger'; END $$`;

@Injectable()
export class PostgresLedgerStore extends LedgerStore {
  constructor(private readonly uow: UnitOfWork) {
    super();
  }

  async openEntries(
    tx: Tx,
    accounts: ReadonlyMap<string, AccountRef>,
    entries: readonly JournalEntry[],
  ): Promise<Set<string>> {
    const tenant = this.uow.tenantOf(tx);
    const opened = await sql(tx).rows(openEntries(tenant, accounts, entries));
    // Nearly always the accounts exist. Inserting them first and ignoring conflicts costs more than the entry.
    if (opened[0]?.accounts_exist === false) await sql(tx).count(ensureAccounts(tenant, named(accounts)));
    return new Set(opened.map(({ id }) => id));
  }

  async findContents(tx: Tx, references: readonly string[]): Promise<Map<string, Buffer>> {
    const known = await sql(tx).rows(findContents(this.uow.tenantOf(tx), references));
    return new Map(known.map((entry) => [entry.reference, entry.content_hash]));
  }

  postLines(
    tx: Tx,
    entries: readonly JournalEntry[],
    changes: readonly BalanceChange[],
  ): Promise<{ id: string; minor: bigint }[]> {
    return sql(tx).rows(postLines(this.uow.tenantOf(tx), entries, changes));
  }

  credits(
    entries: readonly JournalEntry[],
    accounts: ReadonlyMap<string, AccountRef>,
    changes: readonly BalanceChange[],
  ): PendingWrite[] {
    const deltas = new Map(changes.map(({ id, delta }) => [id, delta]));
    const isStored = ({ ref }: NamedAccount): boolean => accountType(ref.kind).stored;
    const raised = named(accounts)
      .filter(isStored)
      .map((account) => ({ ...account, delta: deltas.get(account.id) ?? 0n }));
    const others = named(accounts).filter((account) => !isStored(account));
    return [
      pendingWrite(insertEntries, entries),
      pendingWrite(ensureAccounts, others),
      pendingWrite(raiseBalances, raised),
      pendingWrite(insertPostings, entries),
    ];
  }

  async balances(tx: Tx, accountIds: readonly string[]): Promise<Map<string, bigint>> {
    return byId(await sql(tx).rows(balances(this.uow.tenantOf(tx), accountIds)));
  }

  async lockBalances(tx: Tx, accounts: ReadonlyMap<string, AccountRef>): Promise<Map<string, bigint>> {
    const tenant = this.uow.tenantOf(tx);
    await sql(tx).count(ensureAccounts(tenant, named(accounts)));
    return byId(await sql(tx).rows(lockBalances(tenant, [...accounts.keys()])));
  }

  async reservedBalances(tx: Tx): Promise<{ account: AccountRef; minor: bigint }[]> {
    const rows = await sql(tx).rows(reservedBalances(this.uow.tenantOf(tx)));
    return rows.map(({ minor, ...account }) => ({ account: { kind: 'reserved', ...account }, minor }));
  }

  async useOneSnapshot(tx: Tx): Promise<void> {
    await sql(tx).rows({ text: USE_ONE_SNAPSHOT, values: [] });
  }

  async verify(tx: Tx): Promise<CheckOutcome[]> {
    const tenant = this.uow.tenantOf(tx);
    const rows = [
      ...(await sql(tx).rows(verifyBalances(tenant))),
      ...(await sql(tx).rows(verifyEntries(tenant))),
    ];
    return rows.map(outcomeOf);
  }

  async tenantsToCheckpoint(tx: Tx): Promise<TenantId[]> {
    const rows = await sql(tx).rows(tenantsToCheckpoint());
    return rows.map((row) => tenantIdOf(row.tenant_id));
  }

  async advanceCheckpoint(tx: Tx, entriesMax: number): Promise<boolean> {
    const tenant = this.uow.tenantOf(tx);
    const { foreign_count: foreign } = await sql(tx).one(lockCheckpoint(tenant));
    if (foreign) await sql(tx).count(resetCheckpoint(tenant));
    return (await sql(tx).one(advanceCheckpoint(tenant, entriesMax))).complete;
  }

  async preventCommit(tx: Tx): Promise<void> {
    await sql(tx)
      .rows({ text: PREVENT_COMMIT, values: [] })
      .catch(() => undefined);
  }
}

function outcomeOf(row: ComparisonRow): CheckOutcome {
  return {
    check: row.check_name,
    compared: Number(row.compared),
    differing: Number(row.differing),
    differences: row.differences.map((d) => ({
      check: row.check_name,
      subject: d.subject,
      expected: d.expected ?? 'none',
      actual: d.actual ?? 'none',
    })),
  };
}

function byId(rows: { id: string; minor: bigint }[]): Map<string, bigint> {
  return new Map(rows.map(({ id, minor }) => [id, minor]));
}

function named(accounts: ReadonlyMap<string, AccountRef>): NamedAccount[] {
  return [...accounts].map(([id, ref]) => ({ id, ref }));
}
