import { accounts, backwards, defineFact, type Posting, transferOf } from '../../ledger/contract';
import type { PayoutTerms } from './payout';

interface PayoutEntry {
  readonly payout: Pick<PayoutTerms, 'id' | 'recipientId' | 'amountMinor' | 'currency'>;
  readonly actor: string;
}

export const payoutRequested = defineFact({
  fact: 'payout requested',
  reference: 'payout:<id>:requested',
  kind: 'payout_requested',
  postings: 'funding → payable:<recipient>:payout: the amount',
  build: ({ payout, actor }: PayoutEntry) => ({
    reference: `payout:${payout.id}:requested`,
    kind: 'payout_requested',
    actor,
    postings: fundingToPayable(payout),
  }),
});

/** If the payout had a transfer, the end of the transfer has already moved the money back to payable. */
export const payoutVoided = defineFact({
  fact: 'payout ended without payment',
  reference: 'payout:<id>:voided',
  kind: 'payout_voided',
  postings: 'payable:<recipient>:payout → funding: the amount',
  build: ({ payout, actor }: PayoutEntry) => ({
    reference: `payout:${payout.id}:voided`,
    kind: 'payout_voided',
    actor,
    postings: backwards(fundingToPayable(payout)),
  }),
});

/** The reference of the entry that moves payable to reserved. The transfers module posts it. */
export function reservationOf(payoutId: string): string {
  return `payout:${payoutId}:reserved`;
}

function fundingToPayable({ recipientId, currency, amountMinor }: PayoutEntry['payout']): Posting[] {
  return transferOf(
    accounts.funding(currency),
    accounts.payable(recipientId, 'payout', currency),
    amountMinor,
  );
}
