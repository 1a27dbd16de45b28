import fc from 'fast-check';
import {
  CURRENCIES,
  type Currency,
  CurrencyMismatch,
  InvalidAmount,
  MINOR_MAX,
  Money,
  currencyOf,
  exponentOf,
} from '.';

const USD = currencyOf('USD');
const JPY = currencyOf('JPY');
const KWD = currencyOf('KWD');

const currencies = fc.constantFrom(...CURRENCIES);

function refusal(text: unknown, currency: Currency): string {
  try {
    Money.parse(text, currency);
  } catch (error) {
    if (error instanceof InvalidAmount) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('reading an amount', () => {
  it.each([
    ['100.50', 'USD', 10_050n],
    ['100', 'USD', 10_000n],
    ['100.5', 'USD', 10_050n],
    ['0', 'USD', 0n],
    ['0.00', 'USD', 0n],
    ['0.01', 'USD', 1n],
    ['500', 'JPY', 500n],
    ['1.250', 'KWD', 1_250n],
    ['1.25', 'KWD', 1_250n],
    ['7', 'ISK', 700n],
    ['99999999999.99', 'USD', MINOR_MAX],
    ['99999999999', 'JPY', 99_999_999_999n],
    ['9999999999.999', 'KWD', MINOR_MAX],
  ])('%s %s is %s minor units', (text, code, minor) => {
    expect(Money.parse(text, currencyOf(code)).minor).toBe(minor);
  });

  it.each([
    ['', 'USD', 'is empty'],
    ['100.505', 'USD', 'has 3 decimals, USD allows 2'],
    ['100.500', 'USD', 'has 3 decimals, USD allows 2'],
    ['1.0', 'JPY', 'has 1 decimal, JPY allows 0'],
    ['1.0000', 'KWD', 'has 4 decimals, KWD allows 3'],
    ['-1', 'USD', 'carries a sign'],
    ['+1', 'USD', 'carries a sign'],
    ['−1', 'USD', 'carries a sign'],
    ['1e3', 'USD', 'uses an exponent'],
    ['1.5E2', 'USD', 'uses an exponent'],
    [' 1', 'USD', 'contains white space'],
    ['1\n', 'USD', 'contains white space'],
    ['1 000', 'USD', 'contains white space'],
    ['1\u00a0000', 'USD', 'contains white space'],
    ['007', 'USD', 'has leading zeros'],
    ['00', 'USD', 'has leading zeros'],
    ['00.50', 'USD', 'has leading zeros'],
    ['.50', 'USD', 'starts with a dot'],
    ['50.', 'USD', 'ends with a dot'],
    ['.', 'USD', 'is not a plain decimal number'],
    ['1.2.3', 'USD', 'is not a plain decimal number'],
    ['1,000.00', 'USD', 'is not a plain decimal number'],
    ['1,50', 'USD', 'is not a plain decimal number'],
    ['NaN', 'USD', 'is not a plain decimal number'],
    ['Infinity', 'USD', 'is not a plain decimal number'],
    ['0x10', 'USD', 'is not a plain decimal number'],
    ['1_000', 'USD', 'is not a plain decimal number'],
    ['１２', 'USD', 'is not a plain decimal number'],
    ['١٢', 'USD', 'is not a plain decimal number'],
    ['$5', 'USD', 'is not a plain decimal number'],
    ['5USD', 'USD', 'is not a plain decimal number'],
    ['1\u0000', 'USD', 'is not a plain decimal number'],
    ['100000000000', 'USD', 'has more than 11 digits'],
    ['9'.repeat(100_000), 'JPY', 'has more than 11 digits'],
    ['10000000000.000', 'KWD', 'is above 9999999999.999 KWD'],
  ])('refuses %j %s because it %s', (text, code, reason) => {
    expect(refusal(text, currencyOf(code))).toBe(`amount ${reason}`);
  });

  it.each([100, 100.5, NaN, 1n, null, undefined, true, {}, ['1']])(
    'refuses %p, which is no text',
    (value) => {
      expect(refusal(value, USD)).toMatch(/must be decimal text/);
    },
  );

  it('accepts no text but plain decimals within the currency, whatever the characters', () => {
    const alphabet = fc.constantFrom(
      ...'0123456789',
      '.',
      ',',
      '-',
      '+',
      'e',
      'E',
      ' ',
      '\n',
      '_',
      'x',
      '٣',
      '５',
    );
    const texts = fc.oneof(
      fc.string({ unit: alphabet, maxLength: 18 }),
      fc.string({ unit: 'binary', maxLength: 18 }),
    );
    fc.assert(
      fc.property(texts, currencies, (text, currency) => {
        const exponent = exponentOf(currency);
        const decimals = exponent === 0 ? '' : `(\\.[0-9]{1,${exponent}})?`;
        const plain = new RegExp(`^(0|[1-9][0-9]{0,10})${decimals}$`).test(text);
        const small =
          plain &&
          BigInt(text.replace('.', '')) * 10n ** BigInt(exponent - (text.split('.')[1]?.length ?? 0)) <=
            MINOR_MAX;
        expect(refusal(text, currency) === 'accepted').toBe(small);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('writing an amount', () => {
  it('always carries the decimals of the currency', () => {
    expect(Money.of(5n, USD).toText()).toBe('0.05');
    expect(Money.of(0n, USD).toText()).toBe('0.00');
    expect(Money.of(5n, JPY).toText()).toBe('5');
    expect(Money.of(5n, KWD).toText()).toBe('0.005');
    expect(Money.of(-5n, USD).toText()).toBe('-0.05');
    expect(Money.of(-1_234n, JPY).toText()).toBe('-1234');
    expect(JSON.stringify(Money.of(10_050n, USD))).toBe('{"amount":"100.50","currency":"USD"}');
  });

  it('is read back to the same amount, for every currency and every size', () => {
    const minors = fc.bigInt({ min: 0n, max: 99_999_999_999n });
    fc.assert(
      fc.property(minors, currencies, (minor, currency) => {
        const money = Money.of(minor, currency);
        expect(Money.parse(money.toText(), currency).equals(money)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('arithmetic', () => {
  it('adds, subtracts below zero and compares without loss beyond 2^53', () => {
    const amounts = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n });
    fc.assert(
      fc.property(amounts, amounts, (a, b) => {
        const left = Money.of(a, USD);
        const right = Money.of(b, USD);
        expect(left.plus(right).minus(right).equals(left)).toBe(true);
        expect(left.plus(right).minor).toBe(a + b);
        expect(left.compare(right)).toBe(a === b ? 0 : a < b ? -1 : 1);
        expect(left.isZero()).toBe(a === 0n);
        expect(left.isPositive()).toBe(a > 0n);
      }),
    );
  });

  it('never mixes currencies', () => {
    const dollars = Money.of(1n, USD);
    const yen = Money.of(1n, JPY);
    expect(() => dollars.plus(yen)).toThrow(CurrencyMismatch);
    expect(() => dollars.minus(yen)).toThrow(CurrencyMismatch);
    expect(() => dollars.compare(yen)).toThrow(CurrencyMismatch);
    expect(dollars.equals(yen)).toBe(false);
  });

  it('cannot be changed after it was made', () => {
    const money = Money.of(1n, USD);
    expect(() => Object.assign(money, { minor: 2n })).toThrow(TypeError);
    expect(money.minor).toBe(1n);
  });
});
