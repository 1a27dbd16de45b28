import type { RankGroup } from './ranking';

/** A group of tied participants with the weight of its places. */
export interface WeighedGroup extends RankGroup {
  /** The sum of the weights of the group's places; places below the structure have the weight 0. */
  readonly weight: bigint;
  readonly insideStructure: boolean;
}

/** The share of each member in quanta: `floor`, and one more for the first `raised` members. */
export interface GroupShare {
  readonly floor: bigint;
  readonly raised: number;
}

export function weigh(groups: readonly RankGroup[], structure: readonly number[]): WeighedGroup[] {
  return groups.map(({ rank, payees }) => {
    const covered = structure.slice(rank - 1, rank - 1 + payees.length);
    return {
      rank,
      payees,
      weight: BigInt(covered.reduce((sum, weight) => sum + weight, 0)),
      insideStructure: covered.length > 0,
    };
  });
}

/**
 * Divides `quanta` by the largest-remainder method; the sum over all members is exactly `quanta`. Only the
 * weights of occupied places count, so that fewer participants than places get larger shares. Groups must be
 * in rank order, and at least one weight above 0. A member's exact share is
 * quanta × weight / (members × total weight), rounded down; the quanta that are left go to the members with the
 * largest fractions, at equal fractions to the better rank, then by payee.
 */
export function divide(quanta: bigint, groups: readonly WeighedGroup[]): GroupShare[] {
  const total = groups.reduce((sum, { weight }) => sum + weight, 0n);
  let left = quanta;
  const shares = groups.map(({ weight, payees }) => {
    if (weight === 0n) return { floor: 0n, raised: 0, rest: 0n, size: 1n };
    const size = BigInt(payees.length);
    const floor = (quanta * weight) / (size * total);
    left -= floor * size;
    return { floor, raised: 0, rest: (quanta * weight) % (size * total), size };
  });
  // The fraction is rest / (size × total). Cross-multiplied, because a rounded quotient could pay the wrong one.
  const byFraction = shares
    .filter(({ rest }) => rest > 0n)
    .sort((a, b) => compare(b.rest * a.size, a.rest * b.size));
  for (const share of byFraction) {
    if (left === 0n) break;
    const raised = left < share.size ? left : share.size;
    share.raised = Number(raised);
    left -= raised;
  }
  return shares;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
