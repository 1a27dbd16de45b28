import { type Currency, quantumOf } from '../../../../kernel/money';
import { hashOf } from './canonical';
import { Problems, checkPayees, checkPool, isPayable, notPayable } from './problems';
import { rankGroupsOf } from './ranking';
import {
  BPS_MAX,
  type ContestResult,
  type Exclusion,
  PLATFORM_SHARE_BPS_DEFAULT,
  type PlannedAward,
  type SettlementPlan,
  STRUCTURE_PLACES_MAX,
  WEIGHT_MAX,
} from './settlement-plan';
import { type GroupShare, type WeighedGroup, divide, weigh } from './shares';

/**
 * Computes who gets how much.
 *
 * All amounts are multiples of the currency's quantum. The pool must be a whole number of quanta; the platform
 * share is floor(pool × bps / 10,000), rounded down to whole quanta. So the rest is a whole number of quanta,
 * too, the largest-remainder method distributes all of it, and the remainder is always 0.
 *
 * @throws SettlementInvalid with all problems
 */
export function planComputed(input: ContestResult): SettlementPlan {
  const {
    contestId,
    currency,
    pool,
    structure,
    standings,
    platformShareBps = PLATFORM_SHARE_BPS_DEFAULT,
  } = input;
  const problems = new Problems();
  checkPool(pool, problems);
  if (pool > 0n && !isPayable(pool, currency))
    problems.add(null, 'amount_not_payable', notPayable('the pool', pool, currency));
  checkPlatformShare(platformShareBps, problems);
  checkStructure(structure, problems);
  checkPayees(standings, input.unknownPayees, problems);
  const groups = rankGroupsOf(standings, problems);
  problems.throwIfAny();

  const platformShare = platformShareOf(pool, platformShareBps, currency);
  const weighed = weigh(groups, structure);
  if (platformShare === pool) problems.add(null, 'zero_payouts', 'the platform share takes the whole pool');
  else if (weighed.every(({ weight }) => weight === 0n))
    problems.add(null, 'zero_payouts', 'every occupied place has the weight 0');
  problems.throwIfAny();

  const quantum = quantumOf(currency);
  const lines = linesOf(weighed, divide((pool - platformShare) / quantum, weighed), quantum);
  const plan = { contestId, currency, pool, platformShare, remainder: 0n, ...lines };
  return { ...plan, hash: hashOf(plan) };
}

export function platformShareOf(pool: bigint, bps: number, currency: Currency): bigint {
  const share = (pool * BigInt(bps)) / BigInt(BPS_MAX);
  return share - (share % quantumOf(currency));
}

function linesOf(groups: readonly WeighedGroup[], shares: readonly GroupShare[], quantum: bigint) {
  const awards: PlannedAward[] = [];
  const exclusions: Exclusion[] = [];
  groups.forEach(({ rank, payees, insideStructure }, at) => {
    const { floor = 0n, raised = 0 } = shares[at] ?? {};
    const gross = floor * quantum;
    const places = [rank, rank + payees.length - 1] as const;
    const tie = payees.length > 1 ? { places, sharedBy: payees.length } : null;
    payees.forEach((payee, index) => {
      const rounding = index < raised ? quantum : 0n;
      const amount = gross + rounding;
      if (amount === 0n)
        exclusions.push({ payee, reason: insideStructure ? 'zero_award' : 'outside_structure' });
      else
        awards.push({ position: awards.length, payee, amount, rank, explanation: { gross, tie, rounding } });
    });
  });
  return { awards, exclusions };
}

function checkPlatformShare(bps: number, problems: Problems): void {
  if (Number.isInteger(bps) && bps >= 0 && bps <= BPS_MAX) return;
  problems.add(
    null,
    'invalid_platform_share',
    `the platform share must be a whole number of basis points from 0 to ${BPS_MAX}`,
  );
}

function checkStructure(structure: readonly number[], problems: Problems): void {
  if (structure.length > STRUCTURE_PLACES_MAX) {
    problems.add(null, 'invalid_structure', `the structure has more than ${STRUCTURE_PLACES_MAX} places`);
    return;
  }
  structure.forEach((weight, index) => {
    if (Number.isInteger(weight) && weight >= 0 && weight <= WEIGHT_MAX) return;
    problems.add(index, 'invalid_structure', `the weight must be a whole number from 0 to ${WEIGHT_MAX}`);
  });
  if (!structure.some((weight) => weight > 0))
    problems.add(null, 'invalid_structure', 'the structure gives nothing to any place');
}
