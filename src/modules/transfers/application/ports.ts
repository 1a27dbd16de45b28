import type { TenantId } from '../../../kernel/ids';
import type { Tx } from '../../../kernel/tx';
import type { JobProgress, TransferRequest, TransferStatusView } from '../contract';
import type { CallOutcome, ProviderTransfer } from '../domain/call-outcome';
import type { Reserved } from '../domain/accounting';
import type { Transfer } from '../domain/transfer';
import type { FrozenCall } from '../domain/frozen-call';
import type { CallKind } from '../domain/transfer-snapshot';

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
  readonly outcome: string;
  readonly httpStatus: number | null;
  readonly providerCode: string | null;
  readonly providerRequestId: string | null;
  readonly reason: string | null;
}

export type EvidenceSource = 'answer' | 'late_answer' | 'look_up' | 'event' | 'operator';

/** Proof that the provider holds a transfer, and who brought it. */
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
  /** Answers those that became transfers; an origin that has its transfer is left alone. */
  abstract insert(tx: Tx, requests: readonly TransferRequest[]): Promise<TransferRequest[]>;
  /** By origin id, of the newest transfer of each; nobody changes one until the transaction ends. */
  abstract standings(
    tx: Tx,
    originKind: string,
    originIds: readonly string[],
  ): Promise<Map<string, TransferStatusView>>;
  /** Their origins have taken back what was owed. */
  abstract endOrigins(tx: Tx, originKind: string, originIds: readonly string[]): Promise<void>;
  abstract lockDue(tx: Tx, railAccountId: string, limit: number): Promise<Locked>;
  /** As `lockDue`, of transfers with a call whose effect is not known. */
  abstract lockDueInDoubt(tx: Tx, railAccountId: string, limit: number): Promise<Locked>;
  /** In the order of their ids; waits for whoever holds one. Unknown ids are left out. */
  abstract lock(tx: Tx, ids: readonly string[]): Promise<Locked>;
  /** Writes the new states and their transitions. */
  abstract save(tx: Tx, transfers: readonly Transfer[]): Promise<void>;
  abstract openAttempts(tx: Tx, attempts: readonly AttemptOpened[]): Promise<void>;
  abstract closeAttempts(tx: Tx, attempts: readonly AttemptClosed[]): Promise<void>;
  /** Closes what the workers of these transfers left open. */
  abstract abandonAttempts(tx: Tx, transferIds: readonly string[]): Promise<void>;
  abstract destinationsUsed(tx: Tx, transferIds: readonly string[]): Promise<Map<string, string[]>>;
  abstract keepEvidence(tx: Tx, evidence: readonly Evidence[]): Promise<void>;
  /** False when this reversal was known already. */
  abstract addReversal(tx: Tx, transferId: string, reversalId: string, amountMinor: bigint): Promise<boolean>;
  abstract progressOf(tx: Tx, jobId: string): Promise<JobProgress>;
  abstract hasOpen(tx: Tx, jobId: string): Promise<boolean>;
  /** Oldest first. */
  abstract waitingForFunds(
    tx: Tx,
    railAccountId: string,
    currency: string,
    limit: number,
  ): Promise<WaitingTransfer[]>;
  abstract blockedOn(tx: Tx, recipientIds: readonly string[]): Promise<string[]>;
  abstract failedOfJob(tx: Tx, jobId: string, limit: number): Promise<string[]>;
  /** As the system: accounts that have something due now, each once. */
  abstract dueAccounts(tx: Tx, limit: number): Promise<DueAccount[]>;
  /** As the system: those of `dueAccounts` that have something due with a call whose effect is not known. */
  abstract accountsInDoubt(tx: Tx, tenants: readonly TenantId[]): Promise<DueAccount[]>;
  /** As the system: accounts with transfers that wait for money. */
  abstract waitingAccounts(tx: Tx, limit: number): Promise<DueAccount[]>;
  /** Recipient, purpose and currency → what transfers that are not final hold. */
  abstract reservedByTransfers(tx: Tx): Promise<Reserved[]>;
}

export interface ProviderAccount {
  readonly tenant: TenantId;
  readonly railAccountId: string;
}

/** What the provider says of one transfer now. */
export interface ProviderTransferDetail {
  readonly transfer: ProviderTransfer;
  readonly reversals: readonly { readonly id: string; readonly amountMinor: bigint }[];
}

/**
 * The rail behind a port. No method may be called inside a transaction; none throws for what the provider
 * answers.
 */
export abstract class TransferGateway {
  abstract readonly apiVersion: string;
  abstract send(account: ProviderAccount, call: FrozenCall): Promise<CallOutcome>;
  /**
   * Everything the provider holds under our transfer group, whatever the key, the destination or the time.
   */
  abstract lookUp(account: ProviderAccount, call: LookUp): Promise<CallOutcome>;
  /** Null when the provider does not know it. Throws ProviderUnreachable from connections. */
  abstract read(account: ProviderAccount, providerTransferId: string): Promise<ProviderTransferDetail | null>;
}

export interface LookUp {
  readonly transferId: string;
  readonly transferGroup: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly destinations: readonly string[];
}
