import fc from 'fast-check';
import { currencyOf } from '../../../kernel/money';
import { planGivenAwards } from './plan';
import { StreamedHash } from './streamed-hash';

describe('StreamedHash', () => {
  it('equals the hash of the plan with the same awards, for any page size', () => {
    const line = fc.record({
      amount: fc.bigInt(1n, 10n ** 6n),
      rank: fc.option(
        fc.nat(5).map((n) => n + 1),
        { nil: undefined },
      ),
    });
    fc.assert(
      fc.property(
        fc.string(),
        fc.array(line, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        (contestId, lines, page) => {
          const awards = lines.map((award, n) => ({ payee: `payee-${n}"\\`, ...award }));
          const sum = awards.reduce((total, { amount }) => total + amount, 0n);
          const plan = planGivenAwards({
            contestId,
            currency: currencyOf('USD'),
            pool: sum + 7n,
            platformShare: 4n,
            allowRemainder: true,
            awards,
          });
          const hash = new StreamedHash({
            contestId,
            currency: 'USD',
            poolMinor: plan.pool,
            platformShareMinor: 4n,
            remainderMinor: 3n,
          });
          for (let at = 0; at < plan.awards.length; at += page) {
            hash.add(
              plan.awards.slice(at, at + page).map(({ payee, amount, rank }) => ({
                recipientId: payee,
                amountMinor: amount,
                rank: rank ?? null,
              })),
            );
          }
          expect(hash.digest()).toBe(plan.hash);
        },
      ),
    );
  });
});
