import type { Purpose, Rail, TransferStatus } from '../contract';
import type { FrozenCall } from './frozen-call';

export type CallKind = 'send' | 'look_up';

/** The whole state of a transfer; the table's row implements it. */
export interface TransferSnapshot {
  readonly tenantId: string;
  readonly id: string;
  readonly rail: Rail;
  readonly railAccountId: string;
  readonly recipientId: string;
  readonly purpose: Purpose;
  readonly originKind: string;
  readonly originId: string;
  readonly originSeq: number;
  readonly jobId: string | null;
  readonly settlementId: string | null;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly amountReversedMinor: bigint;
  readonly state: TransferStatus;
  /** Why it is not paid, in the words of docs/runbook.md; null when there is nothing to explain. */
  readonly reason: string | null;
  /** Who asked for it has taken back what was owed: nothing is left that it could be paid from. */
  readonly originEnded: boolean;
  readonly providerCode: string | null;
  /** 1, and one more each time an operator opens it again; ledger references carry it. */
  readonly opening: number;
  /** 0 before the first call; one idempotency key per generation. */
  readonly generation: number;
  readonly generationsEnded: number;
  readonly maxAttempts: number;
  readonly attempts: number;
  readonly frozen: FrozenCall | null;
  readonly firstSentAt: Date | null;
  /** Never earlier than the moment the last byte of the last call can have left. */
  readonly lastSentAt: Date | null;
  /** Some call of this generation has no known effect. */
  readonly ambiguous: boolean;
  /** 5xx answers of this generation; the provider stores them under the key. */
  readonly serverErrors: number;
  readonly lookUpEmptyAt: Date | null;
  readonly callKind: CallKind | null;
  readonly dueAt: Date | null;
  readonly leaseToken: string | null;
  readonly leaseUntil: Date | null;
  readonly retrySince: Date | null;
  readonly backoffStep: number;
  readonly providerTransferId: string | null;
  readonly balanceTransactionId: string | null;
  readonly destinationPaymentId: string | null;
  readonly completedAt: Date | null;
  readonly createdAt: Date;
}

/** A row of transfer_transitions in the making. */
export interface Transition {
  readonly from: TransferStatus;
  readonly to: TransferStatus;
  readonly opening: number;
  readonly generation: number;
  readonly reason: string | null;
  readonly actor: string;
}
