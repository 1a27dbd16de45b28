import { defineEvent, type Shape, text } from '../../kernel/events';

export interface SettlementFact {
  readonly settlement_id: string;
}

export interface PayoutJobFact extends SettlementFact {
  readonly payout_job_id: string;
}

const SETTLEMENT: Shape<SettlementFact> = { settlement_id: text };
const PAYOUT_JOB: Shape<PayoutJobFact> = { ...SETTLEMENT, payout_job_id: text };

/** The ledger has its awards; above the tenant's limit it still waits for its approval. */
export const SettlementRecorded = defineEvent('settlement.recorded', SETTLEMENT);
export const SettlementApproved = defineEvent('settlement.approved', SETTLEMENT);
export const SettlementRejected = defineEvent('settlement.rejected', SETTLEMENT);
export const SettlementCancelled = defineEvent('settlement.cancelled', SETTLEMENT);
/** The settlement has its payout job: from now on it cannot be cancelled. */
export const SettlementScheduled = defineEvent('settlement.scheduled', PAYOUT_JOB);
export const PayoutJobCompleted = defineEvent('payout_job.completed', PAYOUT_JOB);

export { PAYOUT_JOB_STATUSES, type PayoutJobStatus } from './domain/payout-job';
export { SETTLEMENT_STATES, type SettlementState } from './domain/settlement-snapshot';
export { PayoutJobNotFound, SettlementExists, SettlementNotFound } from './domain/errors';
