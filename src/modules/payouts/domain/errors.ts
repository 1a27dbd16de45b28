import { DomainError, InvalidTransition, domainError } from '../../../kernel/errors';

export class PayoutNotFound extends domainError('payout_not_found', 'not_found', 'No payout has this id.') {}

export class CurrencyNotAllowed extends domainError(
  'currency_not_allowed',
  'invalid',
  (currency: string, allowed: readonly string[]) => [
    `${currency} is not one of your currencies: ${allowed.join(', ')}`,
    { currency },
  ],
) {}

/** A payout is NEW for moments only, so that most cancellations come too late: say what still stops it. */
export class TooLateToCancel extends InvalidTransition {
  constructor() {
    super('payout', 'PROCESSING', 'CANCELLED');
    this.message += ' Set its status to FAILED to stop it while no money can have moved.';
  }
}

/** The provider accepts some currencies only in multiples of more than one minor unit. */
export class AmountNotPayable extends domainError('amount_not_payable', 'invalid') {}

/** On an automatic rail the provider reports whether money arrived; an operator cannot decide it. */
export class TransferDecides extends domainError(
  'transfer_decides',
  'conflict',
  (from: string, to: string) => [
    `Only its transfer can take a payout on this rail from ${from} to ${to}.`,
    { from, to },
  ],
) {}

/** A payment that was sent by hand is identified by the bank's reference. */
export class BankReferenceMissing extends domainError('bank_reference_missing', 'invalid', [
  "Send external_id, the bank's reference of the payment.",
  { field: 'external_id' },
]) {}

/** No payout of a batch can be created; the details name the reason of each. */
export class BatchRejected extends domainError(
  'batch_refused',
  'invalid',
  (errors: readonly DomainError[]) => [
    'None of the payouts can be created. `problems` has the reason of each.',
    {
      problems: errors.map(({ code, message }, index) => ({ index, code, message })),
    },
  ],
) {}
