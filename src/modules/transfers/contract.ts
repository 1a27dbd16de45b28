import { defineEvent, type Shape, shaped, text, textOrNull } from '../../kernel/events';

/** Thrown by connections when transfers are requested. */
export { RailAccountMissing } from '../connections/contract';

export const TRANSFER_STATUSES = [
  'pending',
  'processing',
  'completed',
  'retryable',
  'unknown',
  'waiting_for_funds',
  'blocked_recipient',
  'awaiting_confirmation',
  'failed_terminal',
  'needs_review',
  'cancelled',
] as const;
export type TransferStatus = (typeof TRANSFER_STATUSES)[number];

/** Every other status is open: due, waiting or under review. */
export const FINAL_STATUSES = [
  'completed',
  'failed_terminal',
  'cancelled',
] as const satisfies readonly TransferStatus[];

export const RAILS = ['stripe', 'manual'] as const;
export type Rail = (typeof RAILS)[number];
/** What a transfer pays; names the payable account from which the money is reserved. */
export type Purpose = 'award' | 'payout' | 'reward';

/**
 * What a transfer pays. A further `seq` (from 1) is allowed only after the earlier transfer was fully reversed
 * or cancelled; the table rejects it otherwise.
 */
export interface TransferOrigin {
  readonly kind: string;
  readonly id: string;
  readonly seq?: number;
}

export interface TransferRequest {
  readonly recipientId: string;
  /** Minor units, above 0. */
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly rail: Rail;
  readonly railAccountId: string;
  readonly purpose: Purpose;
  readonly origin: TransferOrigin;
  readonly jobId: string | null;
  readonly settlementId: string | null;
  /** Generations that may end without effect before the transfer fails (tenant policy). */
  readonly maxAttempts: number;
}

/** The status of the transfer of an origin. */
export interface TransferStatusView {
  readonly transferId: string;
  readonly status: TransferStatus;
  readonly reason: string | null;
}

/** Counted by query: a counter row would be one hot row for all workers. */
export interface JobProgress {
  readonly counts: Record<TransferStatus, number>;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly open: number;
}

/** Payload of the events of this module. */
export interface TransferFact {
  readonly transfer_id: string;
  readonly origin: { readonly kind: string; readonly id: string };
  readonly job_id: string | null;
  readonly recipient_id: string;
  readonly reason: string | null;
}

const FACT: Shape<TransferFact> = {
  transfer_id: text,
  origin: shaped({ kind: text, id: text }),
  job_id: textOrNull,
  recipient_id: text,
  reason: textOrNull,
};

export const TransferCompleted = defineEvent('transfer.completed', FACT);
export const TransferFailed = defineEvent('transfer.failed', FACT);
export const TransferCancelled = defineEvent('transfer.cancelled', FACT);
export const TransferReversed = defineEvent('transfer.reversed', FACT);
/** The transfer had failed or was under review, and is pending again. */
export const TransferReopened = defineEvent('transfer.reopened', FACT);
export const TRANSFER_FINISHED = [TransferCompleted, TransferFailed, TransferCancelled] as const;

export { OriginHasEnded, TransferInFlight, TransferNotFound } from './domain/errors';
