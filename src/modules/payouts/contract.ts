import { defineEvent, oneOf, type Shape, text } from '../../kernel/events';
import { PAYOUT_STATUSES, type PayoutStatus } from './domain/payout';

export interface PayoutFact {
  readonly payout_id: string;
  readonly status: PayoutStatus;
}

const FACT: Shape<PayoutFact> = { payout_id: text, status: oneOf(PAYOUT_STATUSES) };

export const PayoutCreated = defineEvent('payout.created', FACT);
export const PayoutStatusChanged = defineEvent('payout.status_changed', FACT);

export { PAYOUT_STATUSES, type PayoutStatus } from './domain/payout';
