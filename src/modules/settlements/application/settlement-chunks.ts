import type { SettlementChunk } from '../domain/accounting';
import type { SettlementSnapshot } from '../domain/settlement-snapshot';
import type { Award } from './ports';

/** The input of a chunk's ledger entry. The last chunk includes the platform share and the remainder. */
export function chunkOf(
  settlement: SettlementSnapshot,
  from: number,
  awards: readonly Award[],
  actor: string,
): SettlementChunk {
  const isLast = from + awards.length === settlement.awardCount;
  return {
    settlementId: settlement.id,
    currency: settlement.currency,
    from,
    awards,
    platformShareMinor: isLast ? settlement.platformShareMinor : 0n,
    remainderMinor: isLast ? settlement.remainderMinor : 0n,
    actor,
  };
}
