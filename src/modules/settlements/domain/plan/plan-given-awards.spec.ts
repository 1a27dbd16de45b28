import fc from 'fast-check';
import { currencyOf } from '../../../../kernel/money';
import { type GivenAward, type GivenAwards, SettlementInvalid, planGivenAwards } from '.';

const USD = currencyOf('USD');
const KWD = currencyOf('KWD');

function given(change: Partial<GivenAwards>): GivenAwards {
  return {
    contestId: 'c1',
    currency: USD,
    pool: 100_000n,
    platformShare: 40_000n,
    allowRemainder: false,
    awards: [
      { payee: 'ann', amount: 10_000n },
      { payee: 'bob', amount: 20_000n },
      { payee: 'cyn', amount: 30_000n },
    ],
    ...change,
  };
}

function errorOf(change: Partial<GivenAwards>): SettlementInvalid {
  try {
    planGivenAwards(given(change));
  } catch (error) {
    if (error instanceof SettlementInvalid) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('planGivenAwards', () => {
  it('orders awards by rank, unranked last, then by payee', () => {
    const awards = [
      { payee: 'zoe', amount: 1n },
      { payee: 'bob', amount: 2n, rank: 2 },
      { payee: 'ann', amount: 3n, rank: 2 },
      { payee: 'cyn', amount: 4n, rank: 1 },
      { payee: 'Zed', amount: 5n },
    ];
    const plan = planGivenAwards(given({ pool: 20n, platformShare: 5n, awards }));
    expect(plan.awards.map(({ position, payee, amount, rank }) => [position, payee, amount, rank])).toEqual([
      [0, 'cyn', 4n, 1],
      [1, 'ann', 3n, 2],
      [2, 'bob', 2n, 2],
      [3, 'Zed', 5n, undefined],
      [4, 'zoe', 1n, undefined],
    ]);
    expect(plan).toMatchObject({ platformShare: 5n, remainder: 0n, exclusions: [] });
    expect(plan.awards[0]?.explanation).toEqual({ gross: 4n, tie: null, rounding: 0n });
  });

  it('accepts a remainder only if that is allowed', () => {
    expect(errorOf({ pool: 100_001n }).code).toBe('conservation_mismatch');
    expect(errorOf({ pool: 100_001n }).message).toBe(
      'awards 600.00 USD + platform share 400.00 USD = 1000.00 USD, the pool is 1000.01 USD',
    );
    expect(planGivenAwards(given({ pool: 100_001n, allowRemainder: true })).remainder).toBe(1n);
  });

  it.each<[string, string, Partial<GivenAwards>]>([
    ['zero_payouts', 'there are none', { awards: [] }],
    ['zero_payouts', 'there are none, even with a remainder allowed', { awards: [], allowRemainder: true }],
    ['payout_exceeds_pool', 'they are more than the pool', { pool: 59_999n, platformShare: 0n }],
    [
      'payout_exceeds_pool',
      'they are more than the pool, remainder or not',
      { pool: 59_999n, platformShare: 0n, allowRemainder: true },
    ],
    ['conservation_mismatch', 'the platform share makes the sum too large', { platformShare: 40_001n }],
    [
      'conservation_mismatch',
      'the platform share makes the sum too large, remainder or not',
      { platformShare: 40_001n, allowRemainder: true },
    ],
    ['conservation_mismatch', 'the sum is too small', { platformShare: 39_999n }],
    ['invalid_amount', 'one is zero', { awards: [{ payee: 'ann', amount: 0n }] }],
    ['invalid_amount', 'one is negative', { awards: [{ payee: 'ann', amount: -1n }] }],
    ['invalid_amount', 'one is too large', { awards: [{ payee: 'ann', amount: 10_000_000_000_000n }] }],
    ['invalid_amount', 'the pool is zero', { pool: 0n }],
    ['invalid_amount', 'the pool is too large', { pool: 10_000_000_000_000n }],
    ['invalid_amount', 'the platform share is negative', { platformShare: -1n }],
    [
      'duplicate_payee',
      'a payee is there twice',
      {
        platformShare: 0n,
        pool: 2n,
        awards: [
          { payee: 'ann', amount: 1n },
          { payee: 'ann', amount: 1n },
        ],
      },
    ],
    ['unknown_payee', 'a payee is unknown', { unknownPayees: new Set(['cyn']) }],
    [
      'unknown_payee',
      'a payee is empty',
      { platformShare: 0n, pool: 1n, awards: [{ payee: '', amount: 1n }] },
    ],
    [
      'amount_not_payable',
      'one cannot be paid in this currency',
      { currency: KWD, platformShare: 0n, pool: 1_005n, awards: [{ payee: 'ann', amount: 1_005n }] },
    ],
    [
      'invalid_standings',
      'a rank is a fraction',
      { platformShare: 0n, pool: 1n, awards: [{ payee: 'ann', amount: 1n, rank: 1.5 }] },
    ],
    [
      'invalid_standings',
      'a rank is zero',
      { platformShare: 0n, pool: 1n, awards: [{ payee: 'ann', amount: 1n, rank: 0 }] },
    ],
  ])('rejects with %s when %s', (code, _, change) => {
    expect(errorOf(change).code).toBe(code);
  });

  it('requires payable awards, but not a payable pool or platform share', () => {
    const plan = planGivenAwards(
      given({ currency: KWD, pool: 1_005n, platformShare: 5n, awards: [{ payee: 'ann', amount: 1_000n }] }),
    );
    expect(plan.platformShare).toBe(5n);
  });

  it('rejects with all problems and their indexes', () => {
    const error = errorOf({
      unknownPayees: new Set(['bob']),
      awards: [
        { payee: 'ann', amount: 0n },
        { payee: 'bob', amount: 5n },
        { payee: 'ann', amount: -1n, rank: -1 },
      ],
    });
    expect(error.code).toBe('settlement_invalid');
    expect(error.problems.map(({ index, code }) => [index, code])).toEqual([
      [0, 'invalid_amount'],
      [1, 'unknown_payee'],
      [2, 'duplicate_payee'],
      [2, 'invalid_amount'],
      [2, 'invalid_standings'],
    ]);
  });

  it('has all problems, and the first hundred with the total in its details', () => {
    const awards = Array.from({ length: 250 }, (_, index) => ({ payee: `p${index}`, amount: 0n }));
    const error = errorOf({ awards });
    expect(error.problems).toHaveLength(250);
    expect(error.details).toMatchObject({ total: 250, problems: error.problems.slice(0, 100) });
  });
});

describe('planGivenAwards with many awards', () => {
  it('plans 100,000 awards in the order of their ranks', () => {
    const awards = Array.from({ length: 100_000 }, (_, index) => ({
      payee: `recipient-${index}`,
      amount: 100n,
      rank: 100_000 - index,
    }));
    const input = given({ awards, pool: 10_000_000n, platformShare: 0n });
    const plan = planGivenAwards(input);
    expect(plan.awards[0]?.payee).toBe('recipient-99999');
  });
});

describe('the hash of planGivenAwards', () => {
  const lines = fc.uniqueArray(
    fc.record({
      payee: fc.string({ minLength: 1, unit: 'binary' }),
      amount: fc.bigInt({ min: 1n, max: 10n ** 9n }),
      rank: fc.option(
        fc.nat(9).map((n) => n + 1),
        { nil: undefined },
      ),
    }),
    { selector: ({ payee }) => payee, minLength: 1, maxLength: 30 },
  );
  const planOf = (awards: GivenAward[]) =>
    planGivenAwards(
      given({ awards, platformShare: 0n, pool: awards.reduce((sum, { amount }) => sum + amount, 0n) }),
    );

  it('does not depend on the order of the input', () => {
    fc.assert(
      fc.property(
        lines.chain((awards) =>
          fc.tuple(fc.constant(awards), fc.shuffledSubarray(awards, { minLength: awards.length })),
        ),
        ([awards, shuffled]) => {
          expect(planOf(shuffled)).toEqual(planOf(awards));
        },
      ),
    );
  });

  it('changes with every recorded value', () => {
    const hashes = [
      {},
      { contestId: 'c2' },
      { currency: currencyOf('EUR') },
      { pool: 100_001n, allowRemainder: true },
      { pool: 100_001n, platformShare: 40_001n },
      { awards: [{ payee: 'ann', amount: 60_000n }] },
      { awards: [{ payee: 'bob', amount: 60_000n }] },
      { awards: [{ payee: 'ann', amount: 60_000n, rank: 1 }] },
      {
        awards: [
          { payee: 'ann', amount: 59_999n },
          { payee: 'bob', amount: 1n },
        ],
      },
      { contestId: 'c1","USD' },
      { contestId: '\ud800' },
      { contestId: '\ud801' },
    ].map((change) => planGivenAwards(given(change)).hash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('is the SHA-256 of the documented lines', () => {
    // printf '%s\n%s\n%s' 'disburse.plan.v1' '["contest","c1","USD","100","40","0"]' '["award","ann","60",1]'
    // | sha256sum
    const plan = planGivenAwards(
      given({ pool: 100n, platformShare: 40n, awards: [{ payee: 'ann', amount: 60n, rank: 1 }] }),
    );
    expect(plan.hash).toBe('e5021373ba509ece8b6cd7970b23ccf14b5463553f1a1ab6d484bec60dac9860');
  });
});
