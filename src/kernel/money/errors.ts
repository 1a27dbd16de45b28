import { domainError } from '../errors';

/** The text names no currency we can move. */
export class InvalidCurrency extends domainError('invalid_currency', 'invalid') {}

/** The text is no amount of this currency; the message says what is wrong with it. */
export class InvalidAmount extends domainError('invalid_amount', 'invalid') {}

/** Two amounts of different currencies met where only one currency makes sense. */
export class CurrencyMismatch extends domainError('currency_mismatch', 'invalid') {}
