/** Wire names of this module's facts; the payloads hold ids only. */
/** Its awards stand in the ledger; above the tenant's limit it still waits for its approval. */
export const SETTLEMENT_RECORDED = 'settlement.recorded';
export const SETTLEMENT_APPROVED = 'settlement.approved';
export const SETTLEMENT_REJECTED = 'settlement.rejected';
export const SETTLEMENT_CANCELLED = 'settlement.cancelled';
/** A settlement has its payout job: from now on it cannot be cancelled. */
export const SETTLEMENT_SCHEDULED = 'settlement.scheduled';
export const PAYOUT_JOB_COMPLETED = 'payout_job.completed';

/** Payload of `settlement.*`. */
export interface SettlementFact {
  readonly settlement_id: string;
}

/** Payload of `settlement.scheduled` and `payout_job.*`. */
export interface PayoutJobFact extends SettlementFact {
  readonly payout_job_id: string;
}

export { PAYOUT_JOB_STATUSES, type PayoutJobStatus } from './domain/payout-job';
export { SETTLEMENT_STATES, type SettlementState } from './domain/settlement';
export { PayoutJobNotFound, SettlementExists, SettlementNotFound } from './domain/errors';
