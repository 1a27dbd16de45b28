import type { TenantId } from '../../../kernel/ids';
import type { CallKind } from '../../../kernel/provider-calls';
import type { Tx } from '../../../kernel/tx';
import type { JobProgress, TransferRequest, TransferStatusView } from '../contract';
import type { CallOutcome, ProviderTransfer } from '../domain/call-outcome';
import type { Reserved } from '../domain/accounting';
import type { Transfer } from '../domain/transfer';
import type { FrozenCall } from '../domain/transfer-snapshot';

export interface AttemptOpened {
  readonly transferId: string;
  readonly number: number;
  readonly callKind: CallKind;
  readonly generation: number;
  readonly key: string;
  readonly destination: string;
}

export interface AttemptClosed {
  readonly transferId: string;
  readonly number: number;
  readonly outcome: CallOutcome;
}

export type EvidenceSource = 'answer' | 'late_answer' | 'look_up' | 'event' | 'operator';

/** Proof that the provider holds a transfer, and where it came from. */
export interface Evidence {
  readonly transferId: string;
  readonly at: ProviderTransfer;
  readonly source: EvidenceSource;
}

export interface Locked {
  /** The database's clock. */
  readonly now: Date;
  readonly transfers: Transfer[];
}

export interface DueAccount {
  readonly tenant: TenantId;
  readonly railAccountId: string;
}

export interface WaitingTransfer {
  readonly id: string;
  readonly amountMinor: bigint;
}

export abstract class TransferRepository {
  /** Returns the requests that became transfers. An origin that already has its transfer gets no second one. */
  abstract insert(tx: Tx, requests: readonly TransferRequest[]): Promise<TransferRequest[]>;
  /** By origin id, of the newest transfer of each origin; locked until the transaction ends. */
  abstract lockStatuses(
    tx: Tx,
    originKind: string,
    originIds: readonly string[],
  ): Promise<Map<string, TransferStatusView>>;
  /** Marks that these origins took their money back. */
  abstract endOrigins(tx: Tx, originKind: string, originIds: readonly string[]): Promise<void>;
  abstract lockDue(tx: Tx, railAccountId: string, limit: number): Promise<Locked>;
  /** As `lockDue`, of transfers with an ambiguous call only. */
  abstract lockDueAmbiguous(tx: Tx, railAccountId: string, limit: number): Promise<Locked>;
  /** In the order of their ids; waits for other transactions. Unknown ids are left out. */
  abstract lock(tx: Tx, ids: readonly string[]): Promise<Locked>;
  /** Writes the new states and their transitions. */
  abstract save(tx: Tx, transfers: readonly Transfer[]): Promise<void>;
  abstract openAttempts(tx: Tx, attempts: readonly AttemptOpened[]): Promise<void>;
  abstract closeAttempts(tx: Tx, attempts: readonly AttemptClosed[]): Promise<void>;
  /** Closes the attempts that earlier workers of these transfers left open. */
  abstract abandonAttempts(tx: Tx, transferIds: readonly string[]): Promise<void>;
  abstract destinationsUsed(tx: Tx, transferIds: readonly string[]): Promise<Map<string, string[]>>;
  abstract addEvidence(tx: Tx, evidence: readonly Evidence[]): Promise<void>;
  /** False when this reversal is stored already. */
  abstract addReversal(tx: Tx, transferId: string, reversalId: string, amountMinor: bigint): Promise<boolean>;
  abstract progressOf(tx: Tx, jobId: string): Promise<JobProgress>;
  abstract hasOpen(tx: Tx, jobId: string): Promise<boolean>;
  abstract failedOfJob(tx: Tx, jobId: string, limit: number): Promise<string[]>;
  /** Per recipient, purpose and currency: the sum of transfers that are not final. */
  abstract reservedByTransfers(tx: Tx): Promise<Reserved[]>;
}

/** Which transfers are due or wait, read by sweeps and by what resumes them. */
export abstract class DueTransferStore {
  /** In a system transaction: accounts with a due transfer, each once. */
  abstract dueAccounts(tx: Tx, limit: number): Promise<DueAccount[]>;
  /** In a system transaction: accounts with a due transfer that has an ambiguous call. */
  abstract ambiguousAccounts(tx: Tx, tenants: readonly TenantId[]): Promise<DueAccount[]>;
  /** In a system transaction: accounts with transfers that wait for money. */
  abstract waitingAccounts(tx: Tx, limit: number): Promise<DueAccount[]>;
  /** Oldest first. */
  abstract waitingForFunds(
    tx: Tx,
    railAccountId: string,
    currency: string,
    limit: number,
  ): Promise<WaitingTransfer[]>;
  abstract blockedOn(tx: Tx, recipientIds: readonly string[]): Promise<string[]>;
}

export interface ProviderAccount {
  readonly tenant: TenantId;
  readonly railAccountId: string;
}

/** One transfer as it is at the provider now. */
export interface ProviderTransferDetail {
  readonly transfer: ProviderTransfer;
  readonly reversals: readonly { readonly id: string; readonly amountMinor: bigint }[];
}

/**
 * Calls to the provider; none may be made inside a transaction. `send` and `lookUp` return every response and
 * failure as an outcome and do not throw.
 */
export abstract class TransferGateway {
  abstract readonly apiVersion: string;
  abstract send(account: ProviderAccount, call: FrozenCall): Promise<CallOutcome>;
  /** Returns all that the provider holds under our transfer group, for any key, destination and time. */
  abstract lookUp(account: ProviderAccount, call: LookUp): Promise<CallOutcome>;
  /** Null when the provider has no such transfer. Throws ProviderUnreachable. */
  abstract read(account: ProviderAccount, providerTransferId: string): Promise<ProviderTransferDetail | null>;
}

export interface LookUp {
  readonly transferId: string;
  readonly transferGroup: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly destinations: readonly string[];
}
