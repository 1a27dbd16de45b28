import { defineEvent, type Shape, shaped, text, textOrNull } from '../../kernel/events';
import { domainError } from '../../kernel/errors';

/** Raised by connections; those who ask for transfers meet it here. */
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

/** Nothing follows by itself: what is due, waiting or under review is open. */
export const FINAL_STATUSES = [
  'completed',
  'failed_terminal',
  'cancelled',
] as const satisfies readonly TransferStatus[];

export const RAILS = ['stripe', 'manual'] as const;
export type Rail = (typeof RAILS)[number];
/** Which debt a transfer pays; it names the payable account the money is reserved from. */
export type Purpose = 'award' | 'payout' | 'reward';

/**
 * Whose obligation this is. A further `seq` (from 1) only after the earlier transfer was fully reversed or
 * cancelled: the table refuses it else.
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
  /** Generations that may end without effect before the transfer fails for good (tenant policy). */
  readonly maxAttempts: number;
}

/** Where the transfer of an origin stands. */
export interface TransferStatusView {
  readonly transferId: string;
  readonly status: TransferStatus;
  readonly reason: string | null;
}

/** Counted by query, never by a counter row: a counter would be one hot row for every worker. */
export interface JobProgress {
  readonly counts: Record<TransferStatus, number>;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly open: number;
}

/** What an event says of a transfer. */
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
/** A final transfer, or one that waited for an operator, is due again. */
export const TransferReopened = defineEvent('transfer.reopened', FACT);
export const TRANSFER_FINISHED = [TransferCompleted, TransferFailed, TransferCancelled] as const;

export class TransferNotFound extends domainError(
  'transfer_not_found',
  'not_found',
  'There is no such transfer.',
) {}

/** A call to the provider has an unknown effect: nobody may decide before that is known. */
export class TransferInFlight extends domainError(
  'transfer_in_flight',
  'conflict',
  (what?: string) => what ?? 'A call to the provider has an unknown effect; wait until it is known.',
) {}

/** What it was to pay is not owed any more: whoever still wants to pay asks anew. */
export class OriginHasEnded extends domainError(
  'origin_ended',
  'conflict',
  'What this transfer was to pay has been taken back. Ask for a new payment.',
) {}
