import { byCodeUnits } from './canonical';
import type { Problems } from './problems';
import { SCORE_DIGITS_MAX, STANDINGS_MAX, type Standing } from './settlement-plan';

/** Participants who share a rank, ordered by payee. */
export interface RankGroup {
  readonly rank: number;
  readonly payees: readonly string[];
}

interface Ranked {
  readonly index: number;
  readonly payee: string;
  /** The rank, or the negated score: the smaller one is better. Never compared across the two. */
  readonly key: bigint;
}

const SCORE = new RegExp(
  `^(-?)(0|[1-9][0-9]{0,${SCORE_DIGITS_MAX - 1}})(?:\\.([0-9]{1,${SCORE_DIGITS_MAX}}))?$`,
);

/**
 * Groups standings by competition ranking (1, 1, 3): a group's rank is one more than the number of
 * participants before it. Given ranks must be such a ranking; 1, 3 or 1, 1, 2 are rejected, because a
 * participant may be missing and money would go to the wrong place. Returns an empty list if there are
 * problems.
 */
export function rankGroupsOf(standings: readonly Standing[], problems: Problems): RankGroup[] {
  if (standings.length === 0) problems.add(null, 'zero_payouts', 'there are no standings');
  if (standings.length > STANDINGS_MAX) {
    problems.add(null, 'invalid_standings', `there are more than ${STANDINGS_MAX} standings`);
    return [];
  }
  const byRank = standings[0]?.rank !== undefined;
  const ranked = standings.flatMap((standing, index) => {
    const key = byRank ? rankKey(standing) : scoreKey(standing);
    if (typeof key === 'bigint') return [{ index, payee: standing.payee, key }];
    problems.add(index, 'invalid_standings', key);
    return [];
  });
  if (ranked.length < standings.length) return [];
  const groups = groupByKey(ranked);
  if (byRank) checkCompetitionRanking(groups, problems);
  return groups.map(({ rank, members }) => ({ rank, payees: members.map(({ payee }) => payee) }));
}

/** Returns the key, or the message of the problem. */
function rankKey({ rank, score }: Standing): bigint | string {
  if (rank === undefined || score !== undefined)
    return 'all standings must have a rank, or all must have a score';
  if (!Number.isInteger(rank) || rank < 1 || rank > STANDINGS_MAX)
    return `the rank must be a whole number from 1 to ${STANDINGS_MAX}`;
  return BigInt(rank);
}

/** Scales scores to integers, so that no floating-point number decides about money. */
function scoreKey({ rank, score }: Standing): bigint | string {
  if (score === undefined || rank !== undefined)
    return 'all standings must have a rank, or all must have a score';
  const match = typeof score === 'string' ? SCORE.exec(score) : null;
  if (!match)
    return `the score must be decimal text with at most ${SCORE_DIGITS_MAX} digits on either side of the dot`;
  const [, sign, integer = '', fraction = ''] = match;
  const scaled = BigInt(integer + fraction.padEnd(SCORE_DIGITS_MAX, '0'));
  return sign === '-' ? scaled : -scaled;
}

function groupByKey(ranked: readonly Ranked[]): { rank: number; members: Ranked[] }[] {
  const sorted = [...ranked].sort((a, b) =>
    a.key === b.key ? byCodeUnits(a.payee, b.payee) : a.key < b.key ? -1 : 1,
  );
  const groups: { rank: number; members: Ranked[] }[] = [];
  sorted.forEach((entry, place) => {
    const group = groups.at(-1);
    if (group && group.members[0]?.key === entry.key) group.members.push(entry);
    else groups.push({ rank: place + 1, members: [entry] });
  });
  return groups;
}

function checkCompetitionRanking(
  groups: readonly { rank: number; members: Ranked[] }[],
  problems: Problems,
): void {
  for (const { rank, members } of groups) {
    for (const { index, key } of members) {
      if (key === BigInt(rank)) continue;
      const before = rank === 2 ? '1 participant comes' : `${rank - 1} participants come`;
      problems.add(
        index,
        'invalid_standings',
        `rank ${key} is impossible: ${before} before it, so it should be ${rank}`,
      );
    }
  }
}
