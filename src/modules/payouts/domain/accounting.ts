import { accounts, backwards, defineFact, type Posting, transferOf } from '../../ledger/contract';
import type { PayoutTerms } from './payout';

interface PayoutOwed {
  readonly payout: Pick<PayoutTerms, 'id' | 'recipientId' | 'amountMinor' | 'currency'>;
  readonly actor: string;
}

export const payoutRequested = defineFact({
  fact: 'payout requested',
  reference: 'payout:<id>:requested',
  kind: 'payout_requested',
  postings: 'funding → payable:<recipient>:payout: the amount',
  build: ({ payout, actor }: PayoutOwed) => ({
    reference: `payout:${payout.id}:requested`,
    kind: 'payout_requested',
    actor,
    postings: owed(payout),
  }),
});

/** Its transfer, if there was one, has given the money back to payable before. */
export const payoutVoided = defineFact({
  fact: 'payout ended without payment',
  reference: 'payout:<id>:voided',
  kind: 'payout_voided',
  postings: 'payable:<recipient>:payout → funding: the amount',
  build: ({ payout, actor }: PayoutOwed) => ({
    reference: `payout:${payout.id}:voided`,
    kind: 'payout_voided',
    actor,
    postings: backwards(owed(payout)),
  }),
});

/** Transfers post this one; its name is given by whoever asks for the transfers. */
export function reservationOf(payoutId: string): string {
  return `payout:${payoutId}:reserved`;
}

function owed({ recipientId, currency, amountMinor }: PayoutOwed['payout']): Posting[] {
  return transferOf(
    accounts.funding(currency),
    accounts.payable(recipientId, 'payout', currency),
    amountMinor,
  );
}
