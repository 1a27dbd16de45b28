import type { Sql } from '../../../../../platform/database';
import type { Award } from '../../../application/ports';
import type { Explanation } from '../../../domain/plan';

export interface AwardRow {
  readonly id: string;
  readonly position: number;
  readonly recipient_id: string;
  readonly amount_minor: bigint;
  readonly rank: number | null;
  readonly explanation: StoredExplanation | null;
}

/** Amounts are minor units as text, because JSON has no bigint. */
export interface StoredExplanation extends Pick<Explanation, 'tie'> {
  readonly gross: string;
  readonly rounding: string;
}

/** One statement per chunk, in the order of the primary key. */
export function insertAwards(tenant: string, settlementId: string, awards: readonly Award[]): Sql<unknown> {
  return {
    name: 'settlements.insert-awards',
    text: `INSERT INTO settlements.awards
             (tenant_id, settlement_id, id, position, recipient_id, amount_minor, rank, explanation)
           SELECT $1, $2, a.* FROM unnest($3::uuid[], $4::int[], $5::uuid[], $6::bigint[],
                                          $7::int[], $8::jsonb[]) a`,
    values: [
      tenant,
      settlementId,
      awards.map(({ id }) => id),
      awards.map(({ position }) => position),
      awards.map(({ recipientId }) => recipientId),
      awards.map(({ amountMinor }) => amountMinor),
      awards.map(({ rank }) => rank),
      awards.map(({ explanation }) => stored(explanation)),
    ],
  };
}

export function findAwardsFrom(settlementId: string, from: number, count: number): Sql<AwardRow> {
  return {
    name: 'settlements.awards-from',
    text: `SELECT id, position, recipient_id, amount_minor, rank, explanation FROM settlements.awards
            WHERE settlement_id = $1 AND position >= $2 ORDER BY position LIMIT $3`,
    values: [settlementId, from, count],
  };
}

export function awardOf(row: AwardRow): Award {
  return {
    id: row.id,
    position: row.position,
    recipientId: row.recipient_id,
    amountMinor: row.amount_minor,
    rank: row.rank,
    explanation: row.explanation && {
      tie: row.explanation.tie,
      gross: BigInt(row.explanation.gross),
      rounding: BigInt(row.explanation.rounding),
    },
  };
}

function stored(explanation: Explanation | null): string | null {
  if (!explanation) return null;
  const { gross, tie, rounding } = explanation;
  return JSON.stringify({ gross: `${gross}`, tie, rounding: `${rounding}` } satisfies StoredExplanation);
}
