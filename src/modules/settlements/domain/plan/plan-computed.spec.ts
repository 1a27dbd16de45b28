import { currencyOf } from '../../../../kernel/money';
import { type ContestResult, SettlementInvalid, type SettlementPlan, type Standing, planComputed } from '.';

const USD = currencyOf('USD');

function contest(change: Partial<ContestResult>): ContestResult {
  return {
    contestId: 'c1',
    currency: USD,
    pool: 100_000n,
    structure: [50, 30, 20],
    standings: ranked({ ann: 1, bob: 2, cyn: 3 }),
    ...change,
  };
}

function ranked(ranks: Record<string, number>): Standing[] {
  return Object.entries(ranks).map(([payee, rank]) => ({ payee, rank }));
}

function scored(scores: Record<string, string>): Standing[] {
  return Object.entries(scores).map(([payee, score]) => ({ payee, score }));
}

function amounts(plan: SettlementPlan): Record<string, bigint> {
  return Object.fromEntries(plan.awards.map(({ payee, amount }) => [payee, amount]));
}

function errorOf(change: Partial<ContestResult>): SettlementInvalid {
  try {
    planComputed(contest(change));
  } catch (error) {
    if (error instanceof SettlementInvalid) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('planComputed', () => {
  it('divides 1,000 at 10 % and 50/30/20 into 450, 270 and 180', () => {
    const plan = planComputed(contest({}));
    expect(plan).toEqual({
      contestId: 'c1',
      currency: 'USD',
      pool: 100_000n,
      platformShare: 10_000n,
      remainder: 0n,
      exclusions: [],
      awards: [
        {
          position: 0,
          payee: 'ann',
          amount: 45_000n,
          rank: 1,
          explanation: { gross: 45_000n, tie: null, rounding: 0n },
        },
        {
          position: 1,
          payee: 'bob',
          amount: 27_000n,
          rank: 2,
          explanation: { gross: 27_000n, tie: null, rounding: 0n },
        },
        {
          position: 2,
          payee: 'cyn',
          amount: 18_000n,
          rank: 3,
          explanation: { gross: 18_000n, tie: null, rounding: 0n },
        },
      ],
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('shares the sum of the covered places in a tie', () => {
    const plan = planComputed(contest({ standings: ranked({ ann: 1, bob: 1, cyn: 3 }) }));
    expect(amounts(plan)).toEqual({ ann: 36_000n, bob: 36_000n, cyn: 18_000n });
    expect(plan.awards[1]?.explanation.tie).toEqual({ places: [1, 2], sharedBy: 2 });
    expect(plan.awards[2]?.explanation.tie).toBeNull();
  });

  it('shares the last place in a tie over it, and excludes ranks below the structure', () => {
    const plan = planComputed(contest({ standings: ranked({ ann: 1, bob: 2, cyn: 3, dan: 3, eve: 5 }) }));
    expect(amounts(plan)).toEqual({ ann: 45_000n, bob: 27_000n, cyn: 9_000n, dan: 9_000n });
    expect(plan.awards[3]?.explanation.tie).toEqual({ places: [3, 4], sharedBy: 2 });
    expect(plan.exclusions).toEqual([{ payee: 'eve', reason: 'outside_structure' }]);
  });

  it('scales shares up with fewer participants than places', () => {
    expect(amounts(planComputed(contest({ standings: ranked({ ann: 1, bob: 2 }) })))).toEqual({
      ann: 56_250n,
      bob: 33_750n,
    });
    expect(amounts(planComputed(contest({ standings: ranked({ ann: 1 }) })))).toEqual({ ann: 90_000n });
  });

  it('gives the remaining cent to the largest fraction', () => {
    // 101 cents at 50/30/20: 50.5, 30.3, 20.2
    const plan = planComputed(contest({ pool: 101n, platformShareBps: 0 }));
    expect(amounts(plan)).toEqual({ ann: 51n, bob: 30n, cyn: 20n });
    expect(plan.awards[0]?.explanation).toEqual({ gross: 50n, tie: null, rounding: 1n });
    // 104 cents: 52, 31.2, 20.8 – the last place has the largest fraction
    expect(amounts(planComputed(contest({ pool: 104n, platformShareBps: 0 })))).toEqual({
      ann: 52n,
      bob: 31n,
      cyn: 21n,
    });
  });

  it('breaks equal fractions by rank, then by payee in code-unit order, not by locale', () => {
    const even = { pool: 100n, platformShareBps: 0, structure: [1, 1, 1] };
    expect(
      amounts(planComputed(contest({ ...even, standings: ranked({ zoe: 1, ann: 2, bob: 3 }) }))),
    ).toEqual({ zoe: 34n, ann: 33n, bob: 33n });
    expect(amounts(planComputed(contest({ ...even, standings: ranked({ b: 1, a: 1, Z: 1 }) })))).toEqual({
      Z: 34n,
      a: 33n,
      b: 33n,
    });
  });

  it('excludes a share below a cent and a place with the weight 0 as zero awards', () => {
    const plan = planComputed(
      contest({ pool: 1n, structure: [1, 1, 0], standings: ranked({ ann: 1, bob: 2, cyn: 3 }) }),
    );
    expect(amounts(plan)).toEqual({ ann: 1n });
    expect(plan.exclusions).toEqual([
      { payee: 'bob', reason: 'zero_award' },
      { payee: 'cyn', reason: 'zero_award' },
    ]);
  });

  it('rounds the platform share down to a payable amount', () => {
    expect(planComputed(contest({ pool: 19n })).platformShare).toBe(1n);
    expect(planComputed(contest({ pool: 1_010n, currency: currencyOf('KWD') })).platformShare).toBe(100n);
    expect(planComputed(contest({ pool: 1_900n, currency: currencyOf('ISK') })).platformShare).toBe(100n);
  });

  it('divides the largest pool by the largest weights exactly', () => {
    const structure = Array.from({ length: 10_000 }, () => 1_000_000);
    const standings = structure.map((_, place) => ({ payee: `p${place}`, rank: place + 1 }));
    const plan = planComputed(contest({ pool: 9_999_999_999_999n, structure, standings }));
    expect(plan.awards.reduce((sum, { amount }) => sum + amount, plan.platformShare)).toBe(
      9_999_999_999_999n,
    );
  });
});

describe('planComputed with scores', () => {
  it('ranks higher scores first and ties equal values whatever their notation', () => {
    const plan = planComputed(
      contest({ standings: scored({ ann: '9.50', bob: '10', cyn: '9.5', dan: '-3' }) }),
    );
    expect(plan.awards.map(({ payee, rank }) => [payee, rank])).toEqual([
      ['bob', 1],
      ['ann', 2],
      ['cyn', 2],
    ]);
    expect(plan.exclusions).toEqual([{ payee: 'dan', reason: 'outside_structure' }]);
  });

  it('distinguishes scores beyond the precision of a float and below zero', () => {
    const close = planComputed(
      contest({ standings: scored({ ann: '0.100000000000000001', bob: '0.100000000000000002' }) }),
    );
    expect(close.awards.map(({ payee, rank }) => [payee, rank])).toEqual([
      ['bob', 1],
      ['ann', 2],
    ]);
    const negative = planComputed(
      contest({ standings: scored({ ann: '-1.5', bob: '-1.25', cyn: '-0', dan: '0' }) }),
    );
    expect(negative.awards.map(({ payee, rank }) => [payee, rank])).toEqual([
      ['cyn', 1],
      ['dan', 1],
      ['bob', 3],
    ]);
    expect(negative.exclusions).toEqual([{ payee: 'ann', reason: 'outside_structure' }]);
  });

  it.each(['', '1e3', '+1', ' 1', '01', '.5', '5.', 'NaN', '１', '1'.repeat(19), `0.${'1'.repeat(19)}`])(
    'rejects %j',
    (score) => {
      expect(
        errorOf({
          standings: [
            { payee: 'ann', score: '1' },
            { payee: 'bob', score },
          ],
        }).problems,
      ).toEqual([{ index: 1, code: 'invalid_standings', message: expect.stringContaining('decimal text') }]);
    },
  );
});

describe('planComputed with invalid input', () => {
  it.each<[string, Record<string, number>, number[]]>([
    ['a rank is missing', { ann: 1, bob: 3 }, [1]],
    ['there is no rank 1', { ann: 2, bob: 3 }, [0, 1]],
    ['ties are counted densely', { ann: 1, bob: 1, cyn: 2, dan: 3 }, [2, 3]],
    ['a tie is too short', { ann: 1, bob: 1, cyn: 4 }, [2]],
    ['a rank is zero, a fraction or no number', { ann: 0, bob: 1.5, cyn: NaN }, [0, 1, 2]],
  ])('rejects ranks when %s', (_, ranks, indexes) => {
    const { problems } = errorOf({ standings: ranked(ranks) });
    expect(problems.map(({ code }) => code)).toEqual(indexes.map(() => 'invalid_standings'));
    expect(problems.map(({ index }) => index)).toEqual(indexes);
  });

  it('rejects a mix of ranks and scores', () => {
    const mixed = errorOf({
      standings: [
        { payee: 'ann', rank: 1 },
        { payee: 'bob', score: '5' },
        { payee: 'cyn', rank: 3, score: '5' },
        { payee: 'dan' },
      ],
    });
    expect(mixed.problems.map(({ index }) => index)).toEqual([1, 2, 3]);
    expect(errorOf({ standings: [{ payee: 'ann' }] }).code).toBe('invalid_standings');
  });

  it.each<[string, string, Partial<ContestResult>]>([
    ['zero_payouts', 'there are no participants', { standings: [] }],
    ['zero_payouts', 'the platform takes everything', { platformShareBps: 10_000 }],
    [
      'zero_payouts',
      'only unoccupied places have a weight',
      { structure: [0, 0, 1], standings: ranked({ ann: 1 }) },
    ],
    ['invalid_amount', 'the pool is zero', { pool: 0n }],
    ['invalid_amount', 'the pool is negative', { pool: -1n, currency: currencyOf('KWD') }],
    ['invalid_amount', 'the pool is too large', { pool: 10_000_000_000_000n }],
    [
      'amount_not_payable',
      'the pool has a last digit no dinar can pay',
      { pool: 5_124n, currency: currencyOf('KWD') },
    ],
    ['amount_not_payable', 'the pool has a fraction of a króna', { pool: 150n, currency: currencyOf('ISK') }],
    ['invalid_platform_share', 'the basis points are a fraction', { platformShareBps: 0.5 }],
    ['invalid_platform_share', 'the basis points are above all', { platformShareBps: 10_001 }],
    ['invalid_structure', 'the structure is empty', { structure: [] }],
    ['invalid_structure', 'the structure weighs nothing', { structure: [0, 0] }],
    ['invalid_structure', 'a weight is negative', { structure: [5, -1] }],
    ['invalid_structure', 'a weight is a fraction', { structure: [0.5, 1] }],
    ['invalid_structure', 'a weight is too large', { structure: [1_000_001, 1] }],
    [
      'invalid_structure',
      'there are too many places',
      { structure: Array.from({ length: 10_001 }, () => 1) },
    ],
    [
      'duplicate_payee',
      'a payee is there twice',
      {
        standings: [
          { payee: 'ann', rank: 1 },
          { payee: 'ann', rank: 2 },
        ],
      },
    ],
    ['unknown_payee', 'a payee is unknown', { unknownPayees: new Set(['bob']) }],
    ['unknown_payee', 'a payee is empty', { standings: ranked({ '': 1 }) }],
    [
      'invalid_standings',
      'there are too many participants',
      { standings: Array.from({ length: 100_001 }, (_, i) => ({ payee: `p${i}`, rank: 1 })) },
    ],
  ])('rejects with %s when %s', (code, _, change) => {
    expect(errorOf(change).code).toBe(code);
  });

  it('rejects with all problems in order, and with details that can be written as JSON', () => {
    const error = errorOf({
      pool: 5n,
      currency: currencyOf('KWD'),
      platformShareBps: -1,
      unknownPayees: new Set(['bob']),
      standings: [
        { payee: 'ann', rank: 1 },
        { payee: 'bob', rank: 2 },
        { payee: 'ann', rank: 4 },
      ],
    });
    expect(error.code).toBe('settlement_invalid');
    expect(error.problems.map(({ index, code }) => [index, code])).toEqual([
      [null, 'amount_not_payable'],
      [null, 'invalid_platform_share'],
      [1, 'unknown_payee'],
      [2, 'duplicate_payee'],
      [2, 'invalid_standings'],
    ]);
    expect(JSON.parse(JSON.stringify(error.details))).toEqual({ problems: error.problems, total: 5 });
    expect(error.problems[0]?.message).toBe('the pool 0.005 KWD is not a multiple of 0.010 KWD');
    expect(error.problems[4]?.message).toBe(
      'rank 4 is impossible: 2 participants come before it, so it should be 3',
    );
  });
});
