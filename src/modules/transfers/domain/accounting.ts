import { accounts, defineFact, transferOf, type AccountRef } from '../../ledger/contract';
import type { Purpose } from '../contract';
import type { TransferSnapshot } from './transfer-snapshot';

type Payee = Pick<TransferSnapshot, 'recipientId' | 'purpose' | 'currency'>;

/** The account from which the money is reserved and to which it is released. */
export const source = (t: Payee): AccountRef => accounts.payable(t.recipientId, t.purpose, t.currency);
const reserved = (t: Payee): AccountRef => accounts.reserved(t.recipientId, t.purpose, t.currency);
const external = (t: TransferSnapshot): AccountRef => accounts.external(t.railAccountId, t.currency);

export interface Reserved {
  readonly recipientId: string;
  readonly purpose: Purpose;
  readonly currency: string;
  readonly amountMinor: bigint;
}

export const transfersReserved = defineFact({
  fact: 'transfers requested',
  reference: "the requester's: job:<id>:reserved:<chunk>, payout:<id>:reserved",
  kind: 'transfers_reserved',
  postings: 'payable:<recipient>:<purpose> → reserved:<recipient>:<purpose>: each amount',
  build: (input: { reference: string; transfers: readonly Reserved[]; actor: string }) => ({
    reference: input.reference,
    kind: 'transfers_reserved',
    actor: input.actor,
    postings: input.transfers.flatMap((t) => transferOf(source(t), reserved(t), t.amountMinor)),
  }),
});

export const transferReservedAgain = defineFact({
  fact: 'transfer re-opened after it was released',
  reference: 'transfer:<id>:reserved:<opening>',
  kind: 'transfer_reserved',
  postings: 'payable:<recipient>:<purpose> → reserved:<recipient>:<purpose>: the amount',
  build: (input: { transfer: TransferSnapshot; actor: string }) => ({
    reference: `transfer:${input.transfer.id}:reserved:${input.transfer.opening}`,
    kind: 'transfer_reserved',
    actor: input.actor,
    postings: transferOf(source(input.transfer), reserved(input.transfer), input.transfer.amountMinor),
  }),
});

export const transferCompleted = defineFact({
  fact: 'transfer completed',
  reference: 'transfer:<id>:completed',
  kind: 'transfer_completed',
  postings: 'reserved:<recipient>:<purpose> → external:<rail account>: the amount',
  build: (input: { transfer: TransferSnapshot; actor: string }) => ({
    reference: `transfer:${input.transfer.id}:completed`,
    kind: 'transfer_completed',
    actor: input.actor,
    postings: transferOf(reserved(input.transfer), external(input.transfer), input.transfer.amountMinor),
  }),
});

export const transferReleased = defineFact({
  fact: 'transfer failed or cancelled',
  reference: 'transfer:<id>:released:<opening>',
  kind: 'transfer_released',
  postings: 'reserved:<recipient>:<purpose> → payable:<recipient>:<purpose>: the amount',
  build: (input: { transfer: TransferSnapshot; actor: string }) => ({
    reference: `transfer:${input.transfer.id}:released:${input.transfer.opening}`,
    kind: 'transfer_released',
    actor: input.actor,
    postings: transferOf(reserved(input.transfer), source(input.transfer), input.transfer.amountMinor),
  }),
});

/**
 * `available` is what is left on the source account, read under its lock: the money may have been used elsewhere
 * since the release.
 */
export const transferCompletedLate = defineFact({
  fact: 'late success after a release',
  reference: 'transfer:<id>:completed',
  kind: 'transfer_completed_late',
  postings:
    'payable:<recipient>:<purpose> → external:<rail account>: as far as it holds; ' +
    'overpaid:<recipient> → external:<rail account>: the rest',
  build: (input: { transfer: TransferSnapshot; available: bigint; actor: string }) => {
    const { transfer: t, available } = input;
    const held = available < t.amountMinor ? available : t.amountMinor;
    return {
      reference: `transfer:${t.id}:completed`,
      kind: 'transfer_completed_late',
      actor: input.actor,
      postings: [
        ...transferOf(source(t), external(t), held),
        ...transferOf(accounts.overpaid(t.recipientId, t.currency), external(t), t.amountMinor - held),
      ],
    };
  },
});

export const transferReversed = defineFact({
  fact: 'transfer reversed, whole or in part',
  reference: 'transfer:<id>:reversed:<provider reversal id>',
  kind: 'transfer_reversed',
  postings: 'external:<rail account> → returned:<recipient>: what came back',
  build: (input: { transfer: TransferSnapshot; reversalId: string; amountMinor: bigint; actor: string }) => ({
    reference: `transfer:${input.transfer.id}:reversed:${input.reversalId}`,
    kind: 'transfer_reversed',
    actor: input.actor,
    postings: transferOf(
      external(input.transfer),
      accounts.returned(input.transfer.recipientId, input.transfer.currency),
      input.amountMinor,
    ),
  }),
});
