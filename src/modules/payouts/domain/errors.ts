import { DomainError, InvalidTransition, domainError } from '../../../kernel/errors';

export class PayoutNotFound extends domainError(
  'payout_not_found',
  'not_found',
  'There is no such payout.',
) {}

export class CurrencyNotAllowed extends domainError(
  'currency_not_allowed',
  'invalid',
  (currency: string, allowed: readonly string[]) => [
    `${currency} is not one of your currencies: ${allowed.join(', ')}`,
    { currency },
  ],
) {}

/** NEW lasts moments, so nearly everybody who cancels is late: they hear what stops it still. */
export class TooLateToCancel extends InvalidTransition {
  constructor() {
    super('payout', 'PROCESSING', 'CANCELLED');
    this.message += ' Setting its status to FAILED stops it while nothing can have moved.';
  }
}

/** The provider takes some currencies in steps of more than a minor unit. */
export class AmountNotPayable extends domainError('amount_not_payable', 'invalid') {}

/** Whether money that travels by itself arrived is for the provider to say, not for a person. */
export class TransferDecides extends domainError(
  'transfer_decides',
  'conflict',
  (from: string, to: string) => [
    `A payout on this rail goes from ${from} to ${to} when its transfer does.`,
    { from, to },
  ],
) {}

/** Money that a person sent by hand is known by the bank's own reference. */
export class BankReferenceMissing extends domainError('bank_reference_missing', 'invalid', [
  "Send external_id, the bank's own reference of the payment.",
  { field: 'external_id' },
]) {}

/** Nothing of a batch can be made; each order with its reason. */
export class BatchRefused extends domainError(
  'batch_refused',
  'invalid',
  (refusals: readonly DomainError[]) => [
    'None of the payouts can be made.',
    {
      problems: refusals.map(({ code, message }, index) => ({ index, code, message })),
    },
  ],
) {}
