import { type Currency, exponentOf } from './currency';
import { CurrencyMismatch, InvalidAmount } from './errors';

/**
 * Largest amount in minor units: 99,999,999,999.99 in a currency of two decimals. The database repeats it as
 * a CHECK.
 */
export const MINOR_MAX = 9_999_999_999_999n;
const INTEGER_DIGITS_MAX = 11;

const DECIMAL = /^(0|[1-9][0-9]*)(?:\.([0-9]+))?$/;

/** What may be wrong with a text that is no decimal, the most telling reason first. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'is empty'],
  [/\s/, 'contains white space'],
  [/^[+\-\u2212]/, 'carries a sign'],
  [/^[0-9.]+[eE]/, 'uses an exponent'],
  [/^0[0-9]+(\.[0-9]*)?$/, 'has leading zeros'],
  [/^\.[0-9]+$/, 'starts with a dot'],
  [/^[0-9]+\.$/, 'ends with a dot'],
];

/**
 * An amount of one currency in whole minor units. Signed, because balances and differences may be negative;
 * what comes in as text never is. Immutable; two currencies never mix.
 */
export class Money {
  private constructor(
    readonly minor: bigint,
    readonly currency: Currency,
  ) {
    Object.freeze(this);
  }

  static of(minor: bigint, currency: Currency): Money {
    return new Money(minor, currency);
  }

  /**
   * Reads decimal text by string arithmetic. Fewer decimals than the currency has are accepted ("100" USD),
   * more are refused even when they are zeros. Two limits hold together: 11 digits before the dot, and
   * MINOR_MAX, which for three decimals is the tighter one (9,999,999,999.999).
   */
  static parse(text: unknown, currency: Currency): Money {
    if (typeof text !== 'string')
      throw new InvalidAmount(`amount must be decimal text such as "100", not ${kindOf(text)}`);
    const match = DECIMAL.exec(text);
    if (!match) throw new InvalidAmount(`amount ${refusalOf(text)}`);
    const [, integer = '', fraction = ''] = match;
    const exponent = exponentOf(currency);
    if (fraction.length > exponent) {
      const decimals = fraction.length === 1 ? '1 decimal' : `${fraction.length} decimals`;
      throw new InvalidAmount(`amount has ${decimals}, ${currency} allows ${exponent}`);
    }
    // Digits are counted before BigInt reads them: its cost grows faster than the text.
    if (integer.length > INTEGER_DIGITS_MAX)
      throw new InvalidAmount(`amount has more than ${INTEGER_DIGITS_MAX} digits`);
    const minor = BigInt(integer + fraction.padEnd(exponent, '0'));
    if (minor > MINOR_MAX) {
      throw new InvalidAmount(`amount is above ${new Money(MINOR_MAX, currency).toText()} ${currency}`);
    }
    return new Money(minor, currency);
  }

  /** Decimal text with all decimals of the currency: "100.50" USD, "500" JPY, "1.250" KWD. */
  toText(): string {
    const exponent = exponentOf(this.currency);
    const sign = this.minor < 0n ? '-' : '';
    const digits = (this.minor < 0n ? -this.minor : this.minor).toString().padStart(exponent + 1, '0');
    if (exponent === 0) return sign + digits;
    return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
  }

  plus(other: Money): Money {
    this.assertSameCurrency(other);
    return new Money(this.minor + other.minor, this.currency);
  }

  minus(other: Money): Money {
    this.assertSameCurrency(other);
    return new Money(this.minor - other.minor, this.currency);
  }

  isZero(): boolean {
    return this.minor === 0n;
  }

  isPositive(): boolean {
    return this.minor > 0n;
  }

  equals(other: Money): boolean {
    return this.currency === other.currency && this.minor === other.minor;
  }

  compare(other: Money): -1 | 0 | 1 {
    this.assertSameCurrency(other);
    if (this.minor === other.minor) return 0;
    return this.minor < other.minor ? -1 : 1;
  }

  toJSON(): { amount: string; currency: Currency } {
    return { amount: this.toText(), currency: this.currency };
  }

  private assertSameCurrency(other: Money): void {
    if (this.currency !== other.currency) {
      throw new CurrencyMismatch(`${this.currency} and ${other.currency} cannot be mixed`);
    }
  }
}

function refusalOf(text: string): string {
  return REFUSALS.find(([pattern]) => pattern.test(text))?.[1] ?? 'is not a plain decimal number';
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : `a value of type ${typeof value}`;
}
