import type { TenantId } from '../../../kernel/ids';
import type { Tx } from '../../../kernel/tx';
import type { Explanation } from '../domain/plan';
import type { PayoutJobSnapshot } from '../domain/payout-job';
import type { SettlementSnapshot, SettlementState } from '../domain/settlement';

/** Work that was found without seeing more of it than its owner and its id. */
export interface Route {
  readonly tenantId: TenantId;
  readonly id: string;
}

export interface DueQuestion {
  readonly states: readonly SettlementState[];
  readonly tenant: TenantId | null;
  readonly perTenant: number;
}

export abstract class SettlementStore {
  /** False when a live settlement holds the contest. */
  abstract add(tx: Tx, settlement: SettlementSnapshot): Promise<boolean>;
  abstract find(tx: Tx, id: string): Promise<SettlementSnapshot | null>;
  /** The live settlement of a contest. */
  abstract ofContest(tx: Tx, contestId: string): Promise<SettlementSnapshot | null>;
  /** Waits for the row. */
  abstract lock(tx: Tx, id: string): Promise<SettlementSnapshot | null>;
  /** Null as well when somebody else has the row. */
  abstract tryLock(tx: Tx, id: string): Promise<SettlementSnapshot | null>;
  /** Throws ContestTaken when another settlement came to hold the contest first. */
  abstract save(tx: Tx, settlement: SettlementSnapshot): Promise<void>;
  /** What is due, for the system: of each tenant its oldest, the tenants in turn. */
  abstract due(tx: Tx, question: DueQuestion): Promise<Route[]>;
  /** Something failed: keeps the reason and lets others go first for a while. */
  abstract defer(tx: Tx, id: string, reason: string): Promise<void>;
  /** Keeps why nothing happens; the settlement stays due. */
  abstract note(tx: Tx, id: string, reason: string): Promise<void>;
}

/** The transaction is lost; the next one sees who holds the contest. */
export class ContestTaken extends Error {
  override readonly name = 'ContestTaken';
}

export interface Award {
  readonly id: string;
  readonly position: number;
  readonly recipientId: string;
  readonly amountMinor: bigint;
  readonly rank: number | null;
  /** Null for awards that were decided elsewhere. */
  readonly explanation: Explanation | null;
}

export abstract class AwardStore {
  abstract add(tx: Tx, settlementId: string, awards: readonly Award[]): Promise<void>;
  /** Awards from a position on, in order. */
  abstract slice(tx: Tx, settlementId: string, from: number, count: number): Promise<Award[]>;
}

export abstract class PayoutJobStore {
  abstract add(tx: Tx, job: PayoutJobSnapshot): Promise<void>;
  abstract find(tx: Tx, id: string): Promise<PayoutJobSnapshot | null>;
  /** Locks the one job of a settlement, if it was opened. */
  abstract lockOf(tx: Tx, settlementId: string): Promise<PayoutJobSnapshot | null>;
  abstract lock(tx: Tx, id: string): Promise<PayoutJobSnapshot | null>;
  abstract save(tx: Tx, job: PayoutJobSnapshot): Promise<void>;
  /**
   * Jobs that are processed, for the system: of each tenant those that were looked at longest ago, the
   * tenants in turn.
   */
  abstract processing(tx: Tx, tenant: TenantId | null, perTenant: number): Promise<Route[]>;
  /** Looked at, and still open. */
  abstract checked(tx: Tx, id: string): Promise<void>;
}

/** One award of a stream, its payee known. */
export interface IntakeLine {
  readonly line: number;
  readonly recipientId: string;
  readonly amountMinor: bigint;
  readonly rank: number | null;
}

export interface IntakeTotals {
  readonly lines: number;
  readonly minor: bigint;
  /** Lines whose payee stands on an earlier line: all of them counted, the first hundred named. */
  readonly duplicates: number;
  readonly duplicateLines: readonly { readonly line: number; readonly firstLine: number }[];
}

/** Lines that are arriving or wait to be recorded. Nothing of them counts as an award yet. */
export abstract class IntakeStore {
  abstract open(tx: Tx, id: string): Promise<void>;
  /** False when the intake was given up in the meantime. */
  abstract add(tx: Tx, id: string, lines: readonly IntakeLine[]): Promise<boolean>;
  /** False when the intake was given up in the meantime. */
  abstract close(tx: Tx, id: string): Promise<boolean>;
  /** An intake that was never closed has no future; one that was closed belongs to its settlement. */
  abstract abandon(tx: Tx, id: string): Promise<void>;
  abstract discard(tx: Tx, id: string): Promise<void>;
  abstract totals(tx: Tx, id: string): Promise<IntakeTotals>;
  /** In canonical order, after the given line, which need not exist any more. */
  abstract page(
    tx: Tx,
    id: string,
    after: Pick<IntakeLine, 'rank' | 'recipientId'> | null,
    limit: number,
  ): Promise<IntakeLine[]>;
  abstract remove(tx: Tx, id: string, lines: readonly IntakeLine[]): Promise<void>;
  abstract removeEmpty(tx: Tx, id: string): Promise<void>;
  /**
   * Removes some lines of a discarded intake, at last the intake itself. `none`: it is not there, or somebody
   * else has it.
   */
  abstract purge(tx: Tx, id: string, limit: number): Promise<'more' | 'purged' | 'none'>;
  /** Intakes without a future, for the system: discarded ones, and those that stood still for too long. */
  abstract abandoned(tx: Tx, tenant: TenantId | null): Promise<Route[]>;
  /** Discards an intake that stood still for too long; nothing happens to one that moved meanwhile. */
  abstract giveUp(tx: Tx, id: string): Promise<void>;
}
