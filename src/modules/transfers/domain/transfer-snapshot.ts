import type { ProviderCall } from '../../../kernel/provider-calls';
import type { Purpose, Rail, TransferStatus } from '../contract';

/** What the idempotency key of a generation covers. Every later call copies it; nothing is computed anew. */
export interface FrozenCall {
  readonly key: string;
  readonly amountMinor: string;
  readonly currency: string;
  readonly destination: string;
  readonly transferGroup: string;
  readonly description: string;
  readonly metadata: Record<string, string>;
  readonly apiVersion: string;
}

/** The whole state of a transfer, its calls to the provider included; one column for each field. */
export interface TransferSnapshot extends ProviderCall {
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
  /** Why it is not paid: one of the reasons of docs/runbook.md, or null. */
  readonly reason: string | null;
  /** What it was to pay was taken back: nothing is left that it could be paid from. */
  readonly originEnded: boolean;
  readonly providerCode: string | null;
  /** 1, and one more each time an operator opens it again; ledger references carry it. */
  readonly opening: number;
  /** 0 before the first call; one idempotency key per generation. */
  readonly generation: number;
  readonly generationsEnded: number;
  /** Generations that may end without effect. */
  readonly maxAttempts: number;
  /** Calls made to the provider, over all generations. */
  readonly attempts: number;
  readonly frozen: FrozenCall | null;
  readonly dueAt: Date | null;
  readonly retrySince: Date | null;
  readonly backoffStep: number;
  readonly providerTransferId: string | null;
  readonly balanceTransactionId: string | null;
  readonly destinationPaymentId: string | null;
  readonly completedAt: Date | null;
  readonly createdAt: Date;
}

/** A row of transfer_transitions that is not written yet. */
export interface Transition {
  readonly from: TransferStatus;
  readonly to: TransferStatus;
  readonly opening: number;
  readonly generation: number;
  readonly reason: string | null;
  readonly actor: string;
}

/** What follows from a change for the ledger and for event handlers. */
export type TransferEffect = 'none' | 'completed' | 'completed_late' | 'released';

export function effectOf(from: TransferStatus, to: TransferStatus): TransferEffect {
  if (to === 'completed') return from === 'failed_terminal' ? 'completed_late' : 'completed';
  return to === 'failed_terminal' || to === 'cancelled' ? 'released' : 'none';
}

/** Called when a generation begins, and at no other time. */
export function freeze(s: TransferSnapshot, destination: string, apiVersion: string): FrozenCall {
  const metadata: Record<string, string> = { disburse_tenant: s.tenantId, disburse_transfer: s.id };
  if (s.settlementId) metadata['disburse_settlement'] = s.settlementId;
  if (s.jobId) metadata['disburse_job'] = s.jobId;
  return {
    key: `transfer:${s.id}:g${s.generation}`,
    amountMinor: s.amountMinor.toString(),
    currency: s.currency,
    destination,
    transferGroup: `disburse_${s.id}`,
    description: `Disburse transfer ${s.id}`,
    metadata,
    apiVersion,
  };
}
