import type { TenantId } from '../../../kernel/ids';
import type { Tx } from '../../../kernel/tx';
import type { Explanation } from '../domain/plan';
import type { PayoutJobSnapshot } from '../domain/payout-job';
import type { SettlementSnapshot, SettlementState } from '../domain/settlement-snapshot';

/** An item that is due. The system login reads no more of it than its tenant and its id. */
export interface DueItem {
  readonly tenantId: TenantId;
  readonly id: string;
}

export interface DueQuery {
  readonly states: readonly SettlementState[];
  readonly tenant: TenantId | null;
  /** How many items at most of each tenant. */
  readonly perTenant: number;
}

/** Name under which the responses of the list of settlements are cached. */
export const SETTLEMENT_LIST = 'settlements';

export abstract class SettlementRepository {
  /** Returns false if the contest has a settlement that is neither rejected nor cancelled. */
  abstract add(tx: Tx, settlement: SettlementSnapshot): Promise<boolean>;
  abstract find(tx: Tx, id: string): Promise<SettlementSnapshot | null>;
  /** The settlement of a contest that is neither rejected nor cancelled. */
  abstract ofContest(tx: Tx, contestId: string): Promise<SettlementSnapshot | null>;
  /** Waits for the row lock. */
  abstract lock(tx: Tx, id: string): Promise<SettlementSnapshot | null>;
  /** Null also if another transaction has locked the row. */
  abstract tryLock(tx: Tx, id: string): Promise<SettlementSnapshot | null>;
  /** @throws ContestTaken if another settlement of the contest was recorded first */
  abstract save(tx: Tx, settlement: SettlementSnapshot): Promise<void>;
  /** Runs as the system. The oldest items of each tenant, the tenants in rotation. */
  abstract due(tx: Tx, query: DueQuery): Promise<DueItem[]>;
  /** Stores why a step failed and makes the settlement due later. */
  abstract defer(tx: Tx, id: string, reason: string): Promise<void>;
  /** Stores why a step is not possible. The settlement stays due. */
  abstract note(tx: Tx, id: string, reason: string): Promise<void>;
}

/** The transaction cannot be committed. The next one finds the other settlement of the contest. */
export class ContestTaken extends Error {
  override readonly name = 'ContestTaken';
}

export interface Award {
  readonly id: string;
  readonly position: number;
  readonly recipientId: string;
  readonly amountMinor: bigint;
  readonly rank: number | null;
  /** Null for awards that the client decided. */
  readonly explanation: Explanation | null;
}

export abstract class AwardStore {
  abstract add(tx: Tx, settlementId: string, awards: readonly Award[]): Promise<void>;
  /** The awards from a position on, ordered by position. */
  abstract slice(tx: Tx, settlementId: string, from: number, count: number): Promise<Award[]>;
}

export abstract class PayoutJobRepository {
  abstract add(tx: Tx, job: PayoutJobSnapshot): Promise<void>;
  abstract find(tx: Tx, id: string): Promise<PayoutJobSnapshot | null>;
  /** Locks the job of a settlement. */
  abstract lockOf(tx: Tx, settlementId: string): Promise<PayoutJobSnapshot | null>;
  abstract lock(tx: Tx, id: string): Promise<PayoutJobSnapshot | null>;
  abstract save(tx: Tx, job: PayoutJobSnapshot): Promise<void>;
  /** Runs as the system. The jobs in process, those checked longest ago first, the tenants in rotation. */
  abstract processing(tx: Tx, tenant: TenantId | null, perTenant: number): Promise<DueItem[]>;
  /** Records that the job was checked and is still open. */
  abstract touch(tx: Tx, id: string): Promise<void>;
}

/** One award of a stream, with its recipient resolved. */
export interface UploadLine {
  readonly line: number;
  readonly recipientId: string;
  readonly amountMinor: bigint;
  readonly rank: number | null;
}

export interface UploadTotals {
  readonly lines: number;
  readonly minor: bigint;
  /** How many lines repeat the payee of an earlier line. `duplicateLines` has the first hundred. */
  readonly duplicates: number;
  readonly duplicateLines: readonly { readonly line: number; readonly firstLine: number }[];
}

/** Lines of streams that are arriving or wait to be recorded. They are not awards yet. */
export abstract class UploadStore {
  abstract open(tx: Tx, id: string): Promise<void>;
  /** Returns false if the upload was discarded meanwhile. */
  abstract add(tx: Tx, id: string, lines: readonly UploadLine[]): Promise<boolean>;
  /** Returns false if the upload was discarded meanwhile. */
  abstract close(tx: Tx, id: string): Promise<boolean>;
  /** Discards an upload that was not closed. A closed one belongs to its settlement. */
  abstract abandon(tx: Tx, id: string): Promise<void>;
  abstract discard(tx: Tx, id: string): Promise<void>;
  abstract totals(tx: Tx, id: string): Promise<UploadTotals>;
  /** In canonical order, after the given line, which may have been deleted. */
  abstract page(
    tx: Tx,
    id: string,
    after: Pick<UploadLine, 'rank' | 'recipientId'> | null,
    limit: number,
  ): Promise<UploadLine[]>;
  abstract remove(tx: Tx, id: string, lines: readonly UploadLine[]): Promise<void>;
  abstract removeEmpty(tx: Tx, id: string): Promise<void>;
  /**
   * Deletes lines of a discarded upload, and the upload itself with its last lines. `none`: it does not exist,
   * or another transaction has locked it.
   */
  abstract purge(tx: Tx, id: string, limit: number): Promise<'more' | 'purged' | 'none'>;
  /** Runs as the system. Discarded uploads, and those that received nothing for too long. */
  abstract abandoned(tx: Tx, tenant: TenantId | null): Promise<DueItem[]>;
  /** Discards an upload that received nothing for too long. */
  abstract discardIdle(tx: Tx, id: string): Promise<void>;
}
