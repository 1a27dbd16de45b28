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
 * The largest number of awards in one ledger entry.
 *
 * One entry for a million awards would lock a million balance rows in one transaction and delay every payment
 * to those recipients. So each chunk of awards is an entry and a transaction of its own; `recorded_through`
 * says where to continue after a crash. Each entry moves into the pot exactly what it takes out, so that the
 * pot is 0 after every entry. The last chunk includes the platform share and the remainder. The reference of a
 * chunk has the position of its first award instead of a running number: it stays the same if the chunk size
 * changes between two versions of the program.
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
    'funding → pot: the sum; pot → payable:<recipient>:award: each award; last chunk: pot → ' +
    'platform_share, pot → remainder',
  build: (chunk) => entryOf(chunk, 'recorded', postingsOf(chunk)),
});

export const settlementCancelled: AccountingFact<SettlementChunk> = defineFact({
  fact: 'settlement cancelled before expansion',
  reference: 'settlement:<id>:cancelled[:<first position>]',
  kind: 'settlement_cancelled',
  postings: 'those of settlement recorded, reversed',
  build: (chunk) => entryOf(chunk, 'cancelled', backwards(postingsOf(chunk)).reverse()),
});

/** The reference of the entry that moves payable to reserved. The transfers module posts it. */
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
