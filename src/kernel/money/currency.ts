import type { Brand } from '../brand';
import { InvalidCurrency } from './errors';

/** ISO 4217 code in upper case, of a currency the payment provider takes. Made by `currencyOf` only. */
export type Currency = Brand<string, 'Currency'>;

/** How many decimals an amount has, in the provider's API and therefore in ours. */
export type CurrencyExponent = 0 | 2 | 3;

interface CurrencyRules {
  readonly exponent: CurrencyExponent;
  readonly quantum: bigint;
}

/*
 * Stripe's presentment currencies and those of its cross-border payouts (docs.stripe.com/currencies).
 * Exponents are Stripe's, not ISO's, where the two differ: MGA has none, ISK and UGX have two. One table for
 * both sides means that no amount is ever scaled on its way to the provider.
 */
const TWO_DECIMALS =
  'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC ' +
  'CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG IDR ILS INR JMD KES KGS KHR KYD KZT ' +
  'LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN ' +
  'QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD STD SZL THB TJS TOP TRY TTD TZS UAH USD UYU UZS WST XCD XCG YER ' +
  'ZAR ZMW';
const ZERO_DECIMALS = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF';
/** The last digit must be 0: "5.124" KWD is refused by the provider, "5.120" is taken. */
const THREE_DECIMALS = 'BHD JOD KWD OMR TND';
/**
 * Whole units written with two decimals. ISK and UGX in every call; HUF and TWD when money leaves to a bank,
 * and a transfer of a fraction would leave the recipient with a rest that can never be paid out.
 */
const WHOLE_UNITS_IN_TWO_DECIMALS = 'HUF ISK TWD UGX';

const RULES: ReadonlyMap<string, CurrencyRules> = new Map([
  ...rulesFor(TWO_DECIMALS, { exponent: 2, quantum: 1n }),
  ...rulesFor(ZERO_DECIMALS, { exponent: 0, quantum: 1n }),
  ...rulesFor(THREE_DECIMALS, { exponent: 3, quantum: 10n }),
  ...rulesFor(WHOLE_UNITS_IN_TWO_DECIMALS, { exponent: 2, quantum: 100n }),
]);

/** Every currency `currencyOf` knows, in alphabetical order. */
export const CURRENCIES: readonly Currency[] = [...RULES.keys()].sort() as Currency[];

export function currencyOf(text: unknown): Currency {
  if (typeof text !== 'string') throw new InvalidCurrency('currency must be text such as "USD"');
  // ASCII first: toUpperCase would turn the Turkish "ısk" into ISK.
  if (!/^[A-Za-z]{3}$/.test(text)) throw new InvalidCurrency('currency must be three letters such as "USD"');
  const code = text.toUpperCase();
  if (!RULES.has(code)) throw new InvalidCurrency(`currency ${code} is not supported`);
  return code as Currency;
}

export function exponentOf(currency: Currency): CurrencyExponent {
  return rulesOf(currency).exponent;
}

/** The smallest number of minor units the provider moves; every amount to be paid is a multiple of it. */
export function quantumOf(currency: Currency): bigint {
  return rulesOf(currency).quantum;
}

function rulesOf(currency: Currency): CurrencyRules {
  const rules = RULES.get(currency);
  if (!rules) throw new InvalidCurrency(`currency ${currency} is not supported`);
  return rules;
}

function rulesFor(codes: string, rules: CurrencyRules): [string, CurrencyRules][] {
  return codes.split(' ').map((code) => [code, rules]);
}
