import {
  accounts,
  type AccountingFact,
  backwards,
  defineFact,
  type EntryDraft,
  type Posting,
  transferOf,
} from '../../ledger/contract';

/**
 * Every ledger entry this module can post.
 *
 * An entry covers a chunk of at most CHUNK_AWARDS awards. One entry for a million awards would lock a million
 * balance rows in one transaction, and hold up every small payment to one of those people for as long. So
 * each chunk is an entry of its own in a transaction of its own, `recorded_through` moves with it, and a
 * crash goes on at the next chunk. Each entry fills the pot with exactly what it takes out: the pot is 0
 * after every entry, not only after the last. The platform share and the remainder travel with the last
 * chunk. A chunk is named by the position of its first award, not by a running number, because the name must
 * stay the same when the chunk size changes between two versions of the program.
 */
export const CHUNK_AWARDS = 5_000;

export interface SettlementChunk {
  readonly settlementId: string;
  readonly currency: string;
  /** Position of the chunk's first award. */
  readonly from: number;
  readonly awards: readonly { readonly recipientId: string; readonly amountMinor: bigint }[];
  /** 0 in every chunk but the last. */
  readonly platformShareMinor: bigint;
  readonly remainderMinor: bigint;
  readonly actor: string;
}

export const settlementRecorded: AccountingFact<SettlementChunk> = defineFact({
  fact: 'settlement recorded',
  reference: 'settlement:<id>:recorded[:<first position>]',
  kind: 'settlement_recorded',
  postings:
    'funding → pot: the sum; pot → payable:<recipient>:award: each award; last chunk: pot → platform_share, pot → remainder',
  build: (chunk) => entryOf(chunk, 'recorded', postingsOf(chunk)),
});

export const settlementCancelled: AccountingFact<SettlementChunk> = defineFact({
  fact: 'settlement cancelled before expansion',
  reference: 'settlement:<id>:cancelled[:<first position>]',
  kind: 'settlement_cancelled',
  postings: 'those of settlement recorded, backwards',
  build: (chunk) => entryOf(chunk, 'cancelled', backwards(postingsOf(chunk)).reverse()),
});

/** Transfers post this one; its name is given by whoever asks for the transfers. */
export function reservationOf(jobId: string, from: number): string {
  return `job:${jobId}:reserved:${from}`;
}

function entryOf(chunk: SettlementChunk, fact: 'recorded' | 'cancelled', postings: Posting[]): EntryDraft {
  const suffix = chunk.from === 0 ? '' : `:${chunk.from}`;
  return {
    reference: `settlement:${chunk.settlementId}:${fact}${suffix}`,
    kind: `settlement_${fact}`,
    postings,
    actor: chunk.actor,
  };
}

function postingsOf({
  settlementId,
  currency,
  awards,
  platformShareMinor,
  remainderMinor,
}: SettlementChunk): Posting[] {
  const pot = accounts.pot(settlementId, currency);
  const sum = awards.reduce(
    (total, { amountMinor }) => total + amountMinor,
    platformShareMinor + remainderMinor,
  );
  return [
    ...transferOf(accounts.funding(currency), pot, sum),
    ...awards.flatMap(({ recipientId, amountMinor }) =>
      transferOf(pot, accounts.payable(recipientId, 'award', currency), amountMinor),
    ),
    ...transferOf(pot, accounts.platformShare(currency), platformShareMinor),
    ...transferOf(pot, accounts.remainder(currency), remainderMinor),
  ];
}
