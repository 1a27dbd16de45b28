import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import type { PageWindow } from '../../../kernel/page-window';
import { Connections } from '../../connections';
import { type EntryDraft, Ledger } from '../../ledger';
import type { JobProgress, Rail, TransferRequest, TransferStatusView } from '../contract';
import { transfersReserved } from '../domain/accounting';
import { type DecideCommand, DecideTransfer } from './decide-transfer';
import { ListTransfers, type TransferRow } from './list-transfers.query';
import { TransferRepository } from './ports';
import { type RetryCommand, RetryTransfer } from './retry-transfer';
import { TransferWakeUps } from './transfer-wake-ups';

/** The reference of the ledger entry that reserves the money: one entry for all, or one for each request. */
export interface Reservation {
  readonly reference: string | ((request: TransferRequest) => string);
  readonly actor?: string;
}

/** The entry point for other modules. */
@Injectable()
export class Transfers {
  constructor(
    private readonly transfers: TransferRepository,
    private readonly ledger: Ledger,
    private readonly wakeUps: TransferWakeUps,
    private readonly uow: UnitOfWork,
    private readonly list: ListTransfers,
    private readonly retryTransfer: RetryTransfer,
    private readonly connections: Connections,
    private readonly decideTransfer: DecideTransfer,
  ) {}

  /**
   * One transfer per origin: an origin that has its transfer gets no second one. The money of the new ones
   * moves from payable to reserved. Throws InsufficientBalance when it is not payable.
   */
  async request(tx: Tx, requests: readonly TransferRequest[], reservation: Reservation): Promise<void> {
    const entryOf = (transfers: readonly TransferRequest[]) =>
      this.ledger.prepare(reserving(transfers, reservation));
    const inserting = this.transfers.insert(tx, requests);
    // Nearly always all of them are new: their entry is prepared while the database writes them.
    const expected = entryOf(requests);
    const inserted = await inserting;
    if (!inserted.length) return;
    await this.ledger.postPrepared(tx, inserted.length === requests.length ? expected : entryOf(inserted));
    const tenant = this.uow.tenantOf(tx);
    const accounts = new Set(
      requests.filter((request) => request.rail === 'stripe').map((request) => request.railAccountId),
    );
    this.uow.afterCommit(tx, async () =>
      accounts.forEach((railAccountId) => this.wakeUps.wake({ tenant, railAccountId })),
    );
  }

  /** Returns the id of the tenant's account on this rail. Throws RailAccountMissing. */
  async payingAccount(tx: Tx, rail: Rail): Promise<string> {
    return (await this.connections.railAccountFor(tx, rail)).id;
  }

  /** By origin id. The transfers are locked until the transaction ends. */
  statusOf(
    tx: Tx,
    originKind: string,
    originIds: readonly string[],
  ): Promise<Map<string, TransferStatusView>> {
    return this.transfers.lockStatuses(tx, originKind, originIds);
  }

  /**
   * The origins take their money back after their transfers have ended and released it. None of these transfers
   * is opened again, and a late success of one of them takes no other origin's money. The caller has locked
   * them with `statusOf`.
   */
  endOrigins(tx: Tx, originKind: string, originIds: readonly string[]): Promise<void> {
    return this.transfers.endOrigins(tx, originKind, originIds);
  }

  /** Throws what DecideTransfer throws. */
  cancel(tx: Tx, command: DecideCommand): Promise<void> {
    return this.decideTransfer.cancel(tx, command);
  }

  /** Manual rail: the money was sent. Throws what DecideTransfer throws. */
  markPaid(tx: Tx, command: DecideCommand & { readonly externalId: string }): Promise<void> {
    return this.decideTransfer.markPaid(tx, command);
  }

  /** Manual rail: it will not be sent. Throws what DecideTransfer throws. */
  markFailed(tx: Tx, command: DecideCommand): Promise<void> {
    return this.decideTransfer.markFailed(tx, command);
  }

  progressOf(tx: Tx, jobId: string): Promise<JobProgress> {
    return this.transfers.progressOf(tx, jobId);
  }

  /** Newest first, for a page of GET /payout-jobs/{id}/transfers. */
  listOfJob(tx: Tx, jobId: string, window: PageWindow): Promise<TransferRow[]> {
    return this.list.execute(tx, { jobId }, window);
  }

  /** The failed transfers of a job, oldest first: each is retried on its own. */
  failedOfJob(tx: Tx, jobId: string, limit: number): Promise<string[]> {
    return this.transfers.failedOfJob(tx, jobId, limit);
  }

  /** Outside any transaction, because it looks up at the provider. Throws what RetryTransfer throws. */
  retry(command: RetryCommand): Promise<void> {
    return this.retryTransfer.execute(command);
  }

  /** Whether a transfer of the job is not final; `needs_review` is not final. */
  hasOpen(tx: Tx, jobId: string): Promise<boolean> {
    return this.transfers.hasOpen(tx, jobId);
  }
}

function reserving(
  transfers: readonly TransferRequest[],
  { reference, actor = 'scheduler' }: Reservation,
): EntryDraft[] {
  if (typeof reference === 'string') return [transfersReserved.build({ reference, transfers, actor })];
  return transfers.map((request) =>
    transfersReserved.build({ reference: reference(request), transfers: [request], actor }),
  );
}
