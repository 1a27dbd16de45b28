import type { PayoutStatus } from './domain/payout';

/** Wire names of this module's facts. Payload: PayoutFact. */
export const PAYOUT_CREATED = 'payout.created';
export const PAYOUT_STATUS_CHANGED = 'payout.status_changed';

export interface PayoutFact {
  readonly payout_id: string;
  readonly status: PayoutStatus;
}

export { PAYOUT_STATUSES, type PayoutStatus } from './domain/payout';
