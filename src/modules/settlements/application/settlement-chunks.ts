import type { SettlementChunk } from '../domain/accounting';
import type { SettlementSnapshot } from '../domain/settlement';
import type { Award } from './ports';

/**
 * What the ledger entry of a chunk is made from. The platform share and the remainder travel with the last
 * chunk.
 */
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
