import fc from 'fast-check';
import type { EntryDraft } from '../../ledger/contract';
import { type SettlementChunk, settlementCancelled, settlementRecorded } from './accounting';

const chunk: SettlementChunk = {
  settlementId: 's1',
  currency: 'USD',
  from: 0,
  platformShareMinor: 10_000n,
  remainderMinor: 5n,
  actor: 'api_key:1',
  awards: [
    { recipientId: 'ann', amountMinor: 45_000n },
    { recipientId: 'bob', amountMinor: 44_995n },
  ],
};

function balancesOf(...entries: EntryDraft[]): Record<string, bigint> {
  const balances: Record<string, bigint> = {};
  for (const { from, to, minor } of entries.flatMap(({ postings }) => postings)) {
    const [source, target] = [from, to].map(({ kind, owner }) => (owner ? `${kind}:${owner}` : kind)) as [
      string,
      string,
    ];
    balances[source] = (balances[source] ?? 0n) - minor;
    balances[target] = (balances[target] ?? 0n) + minor;
  }
  return balances;
}

describe('The ledger entries of a settlement', () => {
  it('move the pool through the pot to recipients, platform share and remainder', () => {
    expect(balancesOf(settlementRecorded.build(chunk))).toEqual({
      funding: -100_000n,
      'pot:s1': 0n,
      'payable:ann': 45_000n,
      'payable:bob': 44_995n,
      platform_share: 10_000n,
      remainder: 5n,
    });
  });

  it('have references with the position of the first award of the chunk', () => {
    expect(settlementRecorded.build(chunk).reference).toBe('settlement:s1:recorded');
    expect(settlementRecorded.build({ ...chunk, from: 5_000 }).reference).toBe('settlement:s1:recorded:5000');
    expect(settlementCancelled.build({ ...chunk, from: 5_000 }).reference).toBe(
      'settlement:s1:cancelled:5000',
    );
  });

  it('leave the pot at 0 after each chunk, and all accounts at 0 after the cancellation', () => {
    const amounts = fc.array(fc.bigInt(1n, 10n ** 12n), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(
        amounts,
        fc.bigInt(0n, 10n ** 9n),
        fc.bigInt(0n, 10n ** 9n),
        (awards, platformShareMinor, remainderMinor) => {
          const given = {
            ...chunk,
            platformShareMinor,
            remainderMinor,
            awards: awards.map((amountMinor, n) => ({ recipientId: `r${n}`, amountMinor })),
          };
          const recorded = settlementRecorded.build(given);
          expect(balancesOf(recorded)['pot:s1']).toBe(0n);
          expect(
            Object.values(balancesOf(recorded, settlementCancelled.build(given))).every(
              (balance) => balance === 0n,
            ),
          ).toBe(true);
        },
      ),
    );
  });
});
