import { DomainError } from '../errors';

/** The text names no currency we can move. */
export class InvalidCurrency extends DomainError {
  readonly code = 'invalid_currency';
  readonly kind = 'invalid';
}

/** The text is no amount of this currency; the message says what is wrong with it. */
export class InvalidAmount extends DomainError {
  readonly code = 'invalid_amount';
  readonly kind = 'invalid';
}

/** Two amounts of different currencies met where only one currency makes sense. */
export class CurrencyMismatch extends DomainError {
  readonly code = 'currency_mismatch';
  readonly kind = 'invalid';
}
