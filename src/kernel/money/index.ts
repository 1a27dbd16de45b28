export { CURRENCIES, currencyOf, exponentOf, quantumOf } from './currency';
export type { Currency, CurrencyExponent } from './currency';
export { CurrencyMismatch, InvalidAmount, InvalidCurrency } from './errors';
export { MINOR_MAX, Money } from './money';
