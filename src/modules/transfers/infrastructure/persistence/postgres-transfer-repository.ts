import { Injectable } from '@nestjs/common';
import { newId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { sql, type Sql } from '../../../../platform/database';
import {
  type AttemptClosed,
  type AttemptOpened,
  type Evidence,
  type Locked,
  TransferRepository,
} from '../../application/ports';
import {
  FINAL_STATUSES,
  type JobProgress,
  TRANSFER_STATUSES,
  type TransferRequest,
  type TransferStatusView,
  type TransferStatus,
} from '../../contract';
import type { Reserved } from '../../domain/accounting';
import { Transfer } from '../../domain/transfer';
import * as attempts from './sql/attempts.sql';
import { insertEvidence, insertReversal, insertTransitions, type TransitionOf } from './sql/facts.sql';
import { insertTransfers, groupBySameTerms } from './sql/insert-transfers.sql';
import {
  endOrigins,
  lockStatuses,
  lockDueAmbiguous,
  lockDueTransfers,
  type LockedRow,
  lockTransfers,
} from './sql/lock-transfers.sql';
import { countJobTransfers, findAnyOpen, findFailedOfJob, sumReserved } from './sql/job-progress.sql';
import { updateTransfers } from './transfer-columns';

const OPEN_STATES = TRANSFER_STATUSES.filter(
  (status) => !(FINAL_STATUSES as readonly string[]).includes(status),
);

@Injectable()
export class PostgresTransferRepository extends TransferRepository {
  constructor(private readonly uow: UnitOfWork) {
    super();
  }

  async insert(tx: Tx, requests: readonly TransferRequest[]): Promise<TransferRequest[]> {
    const inserted: TransferRequest[] = [];
    for (const group of groupBySameTerms(requests)) {
      const ids = group.map(() => newId());
      const rows = await sql(tx).rows(insertTransfers(this.uow.tenantOf(tx), ids, group));
      const fresh = new Set(idsOf(rows));
      inserted.push(...group.filter((_, index) => fresh.has(ids[index] as string)));
    }
    return inserted;
  }

  async lockStatuses(
    tx: Tx,
    originKind: string,
    originIds: readonly string[],
  ): Promise<Map<string, TransferStatusView>> {
    const rows = await sql(tx).rows(lockStatuses(this.uow.tenantOf(tx), originKind, originIds));
    return new Map(
      rows.map(({ origin_id, id, state, reason }) => [origin_id, { transferId: id, status: state, reason }]),
    );
  }

  async endOrigins(tx: Tx, originKind: string, originIds: readonly string[]): Promise<void> {
    await sql(tx).count(endOrigins(this.uow.tenantOf(tx), originKind, originIds));
  }

  lockDue(tx: Tx, railAccountId: string, limit: number): Promise<Locked> {
    return this.locked(tx, lockDueTransfers(this.uow.tenantOf(tx), railAccountId, limit));
  }

  lockDueAmbiguous(tx: Tx, railAccountId: string, limit: number): Promise<Locked> {
    return this.locked(tx, lockDueAmbiguous(this.uow.tenantOf(tx), railAccountId, limit));
  }

  lock(tx: Tx, ids: readonly string[]): Promise<Locked> {
    return this.locked(tx, lockTransfers(this.uow.tenantOf(tx), ids));
  }

  /**
   * Transfers are written last, here and by our callers: a foreign key check on a row that this transaction
   * has only locked, not yet changed, needs no lock of its own.
   */
  async save(tx: Tx, transfers: readonly Transfer[]): Promise<void> {
    if (!transfers.length) return;
    const tenant = this.uow.tenantOf(tx);
    const moved = transfers.flatMap(({ id, transitions }) =>
      transitions.map((t): TransitionOf => ({ ...t, transferId: id })),
    );
    // A claim has its attempt row already (docs/adr/0015).
    const moves = moved.filter((transition) => transition.to !== 'processing');
    if (moves.length) await sql(tx).count(insertTransitions(tenant, moves));
    const written = await sql(tx).count(updateTransfers(tenant, transfers));
    if (written !== transfers.length)
      throw new Error(`${transfers.length} transfers to write, ${written} written`);
  }

  async openAttempts(tx: Tx, opened: readonly AttemptOpened[]): Promise<void> {
    await sql(tx).count(attempts.insertAttempts(this.uow.tenantOf(tx), opened));
  }

  async closeAttempts(tx: Tx, closed: readonly AttemptClosed[]): Promise<void> {
    await sql(tx).count(attempts.closeAttempts(this.uow.tenantOf(tx), closed));
  }

  async abandonAttempts(tx: Tx, transferIds: readonly string[]): Promise<void> {
    await sql(tx).count(attempts.abandonAttempts(this.uow.tenantOf(tx), transferIds));
  }

  async destinationsUsed(tx: Tx, transferIds: readonly string[]): Promise<Map<string, string[]>> {
    const rows = await sql(tx).rows(attempts.findDestinationsUsed(this.uow.tenantOf(tx), transferIds));
    return new Map(rows.map((row) => [row.transfer_id, row.destinations]));
  }

  async addEvidence(tx: Tx, evidence: readonly Evidence[]): Promise<void> {
    await sql(tx).count(insertEvidence(this.uow.tenantOf(tx), evidence));
  }

  async addReversal(tx: Tx, transferId: string, reversalId: string, amountMinor: bigint): Promise<boolean> {
    return (
      (await sql(tx).maybe(insertReversal(this.uow.tenantOf(tx), transferId, reversalId, amountMinor))) !==
      null
    );
  }

  async progressOf(tx: Tx, jobId: string): Promise<JobProgress> {
    const rows = await sql(tx).rows(countJobTransfers(this.uow.tenantOf(tx), jobId));
    const counts = Object.fromEntries(TRANSFER_STATUSES.map((status) => [status, 0])) as Record<
      TransferStatus,
      number
    >;
    for (const { state, count } of rows) counts[state] = Number(count);
    const sum = (statuses: readonly TransferStatus[]) =>
      statuses.reduce((total, status) => total + counts[status], 0);
    return {
      counts,
      total: sum(TRANSFER_STATUSES),
      completed: counts.completed,
      failed: counts.failed_terminal,
      open: sum(OPEN_STATES),
    };
  }

  async hasOpen(tx: Tx, jobId: string): Promise<boolean> {
    return (await sql(tx).one(findAnyOpen(this.uow.tenantOf(tx), jobId, OPEN_STATES))).open;
  }

  async failedOfJob(tx: Tx, jobId: string, limit: number): Promise<string[]> {
    return idsOf(await sql(tx).rows(findFailedOfJob(this.uow.tenantOf(tx), jobId, limit)));
  }

  async reservedByTransfers(tx: Tx): Promise<Reserved[]> {
    const rows = await sql(tx).rows(sumReserved(this.uow.tenantOf(tx)));
    return rows.map((row) => ({
      recipientId: row.recipient_id,
      purpose: row.purpose,
      currency: row.currency,
      amountMinor: BigInt(row.amount_minor),
    }));
  }

  private async locked(tx: Tx, statement: Sql<LockedRow>): Promise<Locked> {
    const rows = await sql(tx).rows(statement);
    return {
      now: rows[0]?.dbNow ?? new Date(Number.NaN),
      transfers: rows.map(({ dbNow: _, ...snapshot }) => Transfer.rehydrate(snapshot)),
    };
  }
}

function idsOf(rows: readonly { id: string }[]): string[] {
  return rows.map((row) => row.id);
}
