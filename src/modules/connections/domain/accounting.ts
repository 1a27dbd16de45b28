import { accounts, defineFact, transferOf } from '../../ledger/contract';

export interface FundingMove {
  readonly railAccountId: string;
  /** The provider's id of the movement, or the reference of the operator. */
  readonly reference: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly actor: string;
}

const reference = (move: FundingMove) => `funding:${move.railAccountId}:${move.reference}`;

export const moneyPutIn = defineFact<FundingMove>({
  fact: 'money put in (a top-up, or an operator with evidence)',
  reference: 'funding:<rail account>:<provider id>',
  kind: 'money_put_in',
  postings: 'external:<rail account> → funding: the amount',
  build: (move) => ({
    reference: reference(move),
    kind: 'money_put_in',
    actor: move.actor,
    postings: transferOf(
      accounts.external(move.railAccountId, move.currency),
      accounts.funding(move.currency),
      move.amountMinor,
    ),
  }),
});

export const moneyTakenOut = defineFact<FundingMove>({
  fact: 'money taken out (an operator with evidence)',
  reference: 'funding:<rail account>:<provider id>',
  kind: 'money_taken_out',
  postings: 'funding → external:<rail account>: the amount',
  build: (move) => ({
    reference: reference(move),
    kind: 'money_taken_out',
    actor: move.actor,
    postings: transferOf(
      accounts.funding(move.currency),
      accounts.external(move.railAccountId, move.currency),
      move.amountMinor,
    ),
  }),
});
