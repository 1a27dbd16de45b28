import { MINOR_MAX, Money } from '../../../../kernel/money';
import { byCodeUnits, hashOf } from './canonical';
import { Problems, checkPayees, checkPool, isPayable, notPayable } from './problems';
import {
  AWARDS_MAX,
  type GivenAward,
  type GivenAwards,
  RANK_MAX,
  type SettlementPlan,
} from './settlement-plan';

/**
 * Checks awards that the client decided and puts them into canonical order. Only awards must be multiples of
 * the quantum: pool and platform share are not paid out.
 *
 * @throws SettlementInvalid with all problems
 */
export function planGivenAwards(input: GivenAwards): SettlementPlan {
  const problems = new Problems();
  checkPool(input.pool, problems);
  if (input.platformShare < 0n)
    problems.add(null, 'invalid_amount', 'the platform share must not be below 0');
  if (input.awards.length === 0) problems.add(null, 'zero_payouts', 'there are no awards');
  if (input.awards.length > AWARDS_MAX)
    problems.add(null, 'too_many_awards', `there are more than ${AWARDS_MAX} awards`);
  else checkAwards(input, problems);
  // The sum of invalid amounts would add a second, misleading problem.
  const remainder = problems.has('invalid_amount') ? 0n : checkSums(input, problems);
  problems.throwIfAny();

  const { contestId, currency, pool, platformShare } = input;
  const awards = [...input.awards].sort(inCanonicalOrder).map(({ payee, amount, rank }, position) => ({
    position,
    payee,
    amount,
    ...(rank === undefined ? {} : { rank }),
    explanation: { gross: amount, tie: null, rounding: 0n },
  }));
  const plan = { contestId, currency, pool, platformShare, remainder, awards, exclusions: [] };
  return { ...plan, hash: hashOf(plan) };
}

function checkAwards({ awards, currency, unknownPayees }: GivenAwards, problems: Problems): void {
  checkPayees(awards, unknownPayees, problems);
  awards.forEach(({ amount, rank }, index) => {
    if (amount <= 0n) problems.add(index, 'invalid_amount', 'the award must be above 0');
    else if (amount > MINOR_MAX)
      problems.add(index, 'invalid_amount', 'the award is above the largest amount');
    else if (!isPayable(amount, currency))
      problems.add(index, 'amount_not_payable', notPayable('the award', amount, currency));
    if (rank !== undefined && !(Number.isInteger(rank) && rank >= 1 && rank <= RANK_MAX)) {
      problems.add(index, 'invalid_standings', 'the rank must be a whole number from 1');
    }
  });
}

/** Returns the remainder. Awards above the pool have a code of their own; other differences are a mismatch. */
function checkSums(
  { awards, pool, platformShare, allowRemainder, currency }: GivenAwards,
  problems: Problems,
): bigint {
  const text = (minor: bigint) => `${Money.of(minor, currency).toText()} ${currency}`;
  const sum = awards.reduce((total, { amount }) => total + amount, 0n);
  const remainder = pool - sum - platformShare;
  if (sum > pool) {
    problems.add(
      null,
      'payout_exceeds_pool',
      `the awards are ${text(sum)} together, the pool is ${text(pool)}`,
    );
  } else if (awards.length > 0 && (remainder < 0n || (remainder > 0n && !allowRemainder))) {
    const parts = `awards ${text(sum)} + platform share ${text(platformShare)} = ${text(sum + platformShare)}`;
    problems.add(null, 'conservation_mismatch', `${parts}, the pool is ${text(pool)}`);
  }
  return remainder;
}

function inCanonicalOrder(a: GivenAward, b: GivenAward): number {
  const [left, right] = [a.rank ?? Infinity, b.rank ?? Infinity];
  return left === right ? byCodeUnits(a.payee, b.payee) : left - right;
}
