import { DomainError, InvalidTransition } from '../../../kernel/errors';

export class PayoutNotFound extends DomainError {
  readonly code = 'payout_not_found';
  readonly kind = 'not_found';
  constructor() {
    super('There is no such payout.');
  }
}

export class CurrencyNotAllowed extends DomainError {
  readonly code = 'currency_not_allowed';
  readonly kind = 'invalid';
  constructor(currency: string, allowed: readonly string[]) {
    super(`${currency} is not one of your currencies: ${allowed.join(', ')}`, { currency });
  }
}

/** NEW lasts moments, so nearly everybody who cancels is late: they hear what stops it still. */
export class TooLateToCancel extends InvalidTransition {
  constructor() {
    super('payout', 'PROCESSING', 'CANCELLED');
    this.message += ' Setting its status to FAILED stops it while nothing can have moved.';
  }
}

/** The provider takes some currencies in steps of more than a minor unit. */
export class AmountNotPayable extends DomainError {
  readonly code = 'amount_not_payable';
  readonly kind = 'invalid';
}

/** Whether money that travels by itself arrived is for the provider to say, not for a person. */
export class TransferDecides extends DomainError {
  readonly code = 'transfer_decides';
  readonly kind = 'conflict';
  constructor(from: string, to: string) {
    super(`A payout on this rail goes from ${from} to ${to} when its transfer does.`, { from, to });
  }
}

/** Money that a person sent by hand is known by the bank's own reference. */
export class BankReferenceMissing extends DomainError {
  readonly code = 'bank_reference_missing';
  readonly kind = 'invalid';
  constructor() {
    super("Send external_id, the bank's own reference of the payment.", { field: 'external_id' });
  }
}

/** Nothing of a batch can be made; each order with its reason. */
export class BatchRefused extends DomainError {
  readonly code = 'batch_refused';
  readonly kind = 'invalid';
  constructor(refusals: readonly DomainError[]) {
    super('None of the payouts can be made.', {
      problems: refusals.map(({ code, message }, index) => ({ index, code, message })),
    });
  }
}
