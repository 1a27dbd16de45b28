import fc from 'fast-check';
import { type Currency, currencyOf, quantumOf } from '../../../../kernel/money';
import { type ContestResult, SettlementInvalid, type SettlementPlan, type Standing, planComputed } from '.';
import { divide, weigh } from './shares';

const POOL_MAX = 100_000;
/** These tests compute for seconds; they must not time out on a busy machine. */
const SWEEP_TIMEOUT_MS = 60_000;
const STRUCTURES = [[1], [50, 30, 20], [1, 1, 1], [40, 25, 15, 10, 5, 3, 2], [1_000_000, 1], [7, 7, 3, 0]];
/** Valid competition rankings with ties at the top, in the middle, over the last place and everywhere. */
const RANKINGS = [[1], [1, 1], [1, 2, 3], [1, 1, 3], [1, 2, 2], [1, 1, 1, 1], [1, 2, 3, 3, 5, 5, 5, 8]];
const SCENARIOS = STRUCTURES.flatMap((structure) =>
  RANKINGS.map((ranks) => ({ structure, standings: standingsOf(ranks) })),
);

function scenarioOf(turn: number): { structure: number[]; standings: Standing[] } {
  const scenario = SCENARIOS[turn % SCENARIOS.length];
  if (!scenario) throw new Error('there are no scenarios');
  return scenario;
}

function standingsOf(ranks: readonly number[]): Standing[] {
  return ranks.map((rank, index) => ({ payee: `p${index}`, rank }));
}

/** Plain comparisons instead of expect, because it runs hundreds of thousands of times. */
function assertSound(plan: SettlementPlan, input: ContestResult): void {
  const quantum = quantumOf(input.currency);
  let sum = plan.platformShare + plan.remainder;
  let before: bigint | undefined;
  let rankBefore = 0;
  for (const { amount, rank = 0, explanation } of plan.awards) {
    sum += amount;
    if (amount <= 0n || amount % quantum !== 0n) defect('an award is not payable', plan);
    if (explanation.gross + explanation.rounding !== amount) defect('the explanation does not add up', plan);
    if (rank < rankBefore || (before !== undefined && amount > before))
      defect('a worse rank gets more', plan);
    before = amount;
    rankBefore = rank;
  }
  if (sum !== input.pool || plan.remainder !== 0n) defect('money was made or lost', plan);
  if (plan.awards.length === 0) defect('no participant is paid', plan);
  if (plan.awards.length + plan.exclusions.length !== input.standings.length)
    defect('a participant is missing', plan);
}

function defect(what: string, plan: SettlementPlan): never {
  const text = JSON.stringify(plan, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  throw new Error(`${what}: ${text.slice(0, 1_000)}`);
}

/** Returns whether the pool was rejected as not payable; any other error is a defect. */
function isRefused(input: ContestResult): boolean {
  try {
    planComputed(input);
    return false;
  } catch (error) {
    if (error instanceof SettlementInvalid && error.code === 'amount_not_payable') return true;
    throw error;
  }
}

describe(`every pool from 1 to ${POOL_MAX} minor units`, () => {
  it.each(['USD', 'JPY', 'KWD', 'ISK', 'UGX'].map(currencyOf))(
    'in %s is split to the last quantum, over all structures and ties in turn',
    (currency: Currency) => {
      const step = Number(quantumOf(currency));
      for (let pool = step; pool <= POOL_MAX; pool += step) {
        const input = { contestId: 'c1', currency, pool: BigInt(pool), ...scenarioOf(pool / step) };
        const plan = planComputed(input);
        assertSound(plan, input);
        const platformShare = Math.floor(pool / step / 10) * step;
        if (plan.platformShare !== BigInt(platformShare)) defect('the platform share is wrong', plan);
        if (
          pool % 11 === 0 &&
          planComputed({ ...input, standings: input.standings.toReversed() }).hash !== plan.hash
        )
          defect('the order matters', plan);
      }
    },
    SWEEP_TIMEOUT_MS,
  );

  it.each(['KWD', 'ISK'].map(currencyOf))(
    'in %s is rejected exactly if it is not a multiple of the quantum',
    (currency: Currency) => {
      const quantum = quantumOf(currency);
      const scenario = { contestId: 'c1', currency, structure: [1], standings: standingsOf([1]) };
      for (let pool = 1n; pool <= BigInt(POOL_MAX); pool++) {
        if (isRefused({ ...scenario, pool }) !== (pool % quantum !== 0n))
          throw new Error(`pool ${pool} ${currency}`);
      }
    },
    SWEEP_TIMEOUT_MS,
  );

  it(
    'is divided without loss and in the order of the ranks, for several structures with ties',
    () => {
      for (const ranks of [
        [1, 1, 3],
        [1, 2, 2, 4, 5],
      ]) {
        const groups = [...new Set(ranks)].map((rank) => ({
          rank,
          payees: ranks.filter((other) => other === rank).map(String),
        }));
        for (const structure of [
          [50, 30, 20],
          [40, 25, 15, 10, 5, 3, 2],
          [7, 7, 3, 0],
        ]) {
          const weighed = weigh(groups, structure);
          for (let quanta = 1n; quanta <= BigInt(POOL_MAX); quanta++) {
            let sum = 0n;
            let least: bigint | undefined;
            divide(quanta, weighed).forEach(({ floor, raised }, at) => {
              const size = weighed[at]?.payees.length ?? 0;
              sum += floor * BigInt(size) + BigInt(raised);
              const most = raised > 0 ? floor + 1n : floor;
              if (least !== undefined && most > least)
                throw new Error(`order: ${quanta} over ${structure} and ${ranks}`);
              least = raised === size ? floor + 1n : floor;
            });
            if (sum !== quanta)
              throw new Error(`loss: ${quanta} over ${structure} and ${ranks} gives ${sum}`);
          }
        }
      }
    },
    SWEEP_TIMEOUT_MS,
  );
});

/** A reference implementation of largest remainder, one participant at a time, without the code under test. */
function textbook(
  quanta: bigint,
  standings: readonly Standing[],
  structure: readonly number[],
): Map<string, bigint> {
  const lines = standings.map(({ payee, rank = 0 }) => {
    const size = standings.filter((other) => other.rank === rank).length;
    let weight = 0;
    for (let place = rank; place < rank + size; place++) weight += structure[place - 1] ?? 0;
    return { payee, rank, weight: BigInt(weight), size: BigInt(size) };
  });
  const common = lines.reduce((product, { size }) => (product % size === 0n ? product : product * size), 1n);
  const parts = lines.map((line) => ({ ...line, part: (line.weight * common) / line.size }));
  const whole = parts.reduce((sum, { part }) => sum + part, 0n);
  const shares = parts.map((line) => ({
    ...line,
    amount: (quanta * line.part) / whole,
    rest: (quanta * line.part) % whole,
  }));
  shares.sort((a, b) =>
    a.rest !== b.rest ? (a.rest > b.rest ? -1 : 1) : a.rank - b.rank || (a.payee < b.payee ? -1 : 1),
  );
  let left = quanta - shares.reduce((sum, { amount }) => sum + amount, 0n);
  for (const share of shares) if (left-- > 0n) share.amount += 1n;
  return new Map(shares.filter(({ amount }) => amount > 0n).map(({ payee, amount }) => [payee, amount]));
}

const rankings = fc.array(fc.nat(4), { minLength: 1, maxLength: 25 }).map((levels) =>
  levels.map((level, index) => ({
    payee: `p${index}`,
    rank: 1 + levels.filter((other) => other < level).length,
  })),
);
const contests = fc.record({
  contestId: fc.string(),
  currency: fc.constantFrom(...['USD', 'JPY', 'KWD', 'ISK', 'UGX', 'HUF'].map(currencyOf)),
  quanta: fc.bigInt({ min: 1n, max: 99_999_999_999n }),
  platformShareBps: fc.integer({ min: 0, max: 9_999 }),
  structure: fc
    .array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 0, maxLength: 30 })
    .map((tail) => [1_000_000, ...tail]),
  standings: rankings,
});

describe('any contest', () => {
  it('is divided as by a reference implementation, for any ties, structure, share and currency', () => {
    fc.assert(
      fc.property(contests, ({ quanta, ...rest }) => {
        const quantum = quantumOf(rest.currency);
        const input = {
          ...rest,
          structure: rest.structure.toSorted((a, b) => b - a),
          pool: quanta * quantum,
        };
        const plan = planComputed(input);
        assertSound(plan, input);
        const expected = textbook(
          (input.pool - plan.platformShare) / quantum,
          input.standings,
          input.structure,
        );
        expect(new Map(plan.awards.map(({ payee, amount }) => [payee, amount / quantum]))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('has the same plan and hash when repeated and in any order of the standings', () => {
    const shuffled = contests.chain((contest) =>
      fc.tuple(
        fc.constant(contest),
        fc.shuffledSubarray(contest.standings, { minLength: contest.standings.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([{ quanta, ...rest }, standings]) => {
        const input = { ...rest, pool: quanta * quantumOf(rest.currency) };
        const plan = planComputed(input);
        expect(planComputed(input)).toEqual(plan);
        expect(planComputed({ ...input, standings })).toEqual(plan);
      }),
      { numRuns: 200 },
    );
  });

  it('with 100,000 scores has a valid plan', () => {
    const standings = Array.from({ length: 100_000 }, (_, index) => ({
      payee: `recipient-${index}`,
      score: `${(index * 7_919) % 50_000}.5`,
    }));
    const structure = Array.from({ length: 10_000 }, (_, place) => 10_000 - place);
    const input = {
      contestId: 'c1',
      currency: currencyOf('USD'),
      pool: 9_999_999_999_999n,
      structure,
      standings,
    };
    assertSound(planComputed(input), input);
  });
});
