import type { RankGroup } from './ranking';

/** A group of tied participants with what its places weigh. */
export interface WeighedGroup extends RankGroup {
  /** Sum of the weights of the places the group covers; places below the structure weigh nothing. */
  readonly weight: bigint;
  readonly insideStructure: boolean;
}

/** What each member of a group gets, in quanta: `floor`, and one more for the first `raised` members. */
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
 * Splits `quanta` whole quanta by largest remainder; Σ over all members is `quanta` exactly. Weights count
 * relative to the occupied places only, so that fewer participants than places scale up. The groups come in
 * rank order; a member's exact share is quanta × weight / (members × total weight). What rounding down leaves
 * over is less than one quantum for each member with a fraction, and goes to the largest fractions: at equal
 * fractions the better rank, then the payee. At least one weight must be above 0.
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
  // rest / (size × total) is the fraction; cross-multiplied, because exactness decides who is paid.
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
