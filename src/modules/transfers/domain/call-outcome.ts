import type { ProviderCallOutcome } from '../../../kernel/provider-calls';

/** What the provider holds, as far as we compare it. Amounts in minor units. */
export interface ProviderTransfer {
  readonly id: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly destination: string;
  /** Our own id, as the provider stored it in the metadata. */
  readonly transferId: string | null;
  readonly balanceTransactionId: string | null;
  readonly destinationPaymentId: string | null;
}

/** What has to change before a refused transfer can be paid. */
export type Fix = 'funds' | 'recipient' | 'data';

export type CallOutcome = ProviderCallOutcome<ProviderTransfer, { readonly fix: Fix }>;
export type OutcomeKind = CallOutcome['kind'];

/** The one transfer that the provider is proved to hold. */
export function proofOf(outcome: CallOutcome): ProviderTransfer | null {
  if (outcome.kind === 'succeeded') return outcome.created;
  return outcome.kind === 'found' && outcome.found.length === 1
    ? (outcome.found[0] as ProviderTransfer)
    : null;
}

/** Everything the provider holds according to this outcome, ours or not. */
export function heldBy(outcome: CallOutcome): readonly ProviderTransfer[] {
  if (outcome.kind === 'found') return outcome.found;
  const created = outcome.kind === 'succeeded' || outcome.kind === 'mismatched' ? outcome.created : null;
  return created ? [created] : [];
}
