import { domainError } from '../../../kernel/errors';

export class TransferNotFound extends domainError(
  'transfer_not_found',
  'not_found',
  'There is no such transfer.',
) {}

/** A call has an unknown effect: nothing else may be decided before the effect is known. */
export class TransferInFlight extends domainError(
  'transfer_in_flight',
  'conflict',
  (message?: string) => message ?? 'A call to the provider has an unknown effect; wait until it is known.',
) {}

/** The origin took its money back; a payment needs a new request. */
export class OriginHasEnded extends domainError(
  'origin_ended',
  'conflict',
  'What this transfer was to pay has been taken back. Request a new payment.',
) {}

export class ProviderHoldsTransfer extends domainError(
  'provider_holds_transfer',
  'conflict',
  'The provider holds a transfer that differs from this one, or several; see the evidence. ' +
    'Paying again would pay twice.',
) {}

export class LookUpFailed extends domainError(
  'look_up_failed',
  'unavailable',
  'The look-up at the provider failed. Nothing was changed; try again.',
) {}
