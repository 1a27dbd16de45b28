/** What the provider holds, as far as we compare it. Amounts in minor units. */
export interface ProviderTransfer {
  readonly id: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly destination: string;
  /** Our own id as the provider kept it in the metadata. */
  readonly transferId: string | null;
  readonly balanceTransactionId: string | null;
  readonly destinationPaymentId: string | null;
}

/** Who can mend a definite refusal. */
export type Fix = 'funds' | 'recipient' | 'data';

interface Told {
  readonly reason: string;
  readonly httpStatus: number | null;
  readonly providerCode: string | null;
  readonly providerRequestId: string | null;
}

/**
 * What the response to one call means (docs/invariants.md F6). It classifies the call, not the transfer:
 * while another call of the same generation has no known effect, only `succeeded` and `refused` may decide,
 * because only they come from behind the provider's idempotency layer (docs/invariants.md F5).
 */
export type CallOutcome = Told &
  (
    | { readonly kind: 'succeeded'; readonly transfer: ProviderTransfer }
    /** A 2xx that differs from what was asked: a person must look. */
    | { readonly kind: 'mismatched'; readonly transfer: ProviderTransfer | null }
    /**
     * Answered by the endpoint itself, from behind the idempotency layer: this key moved nothing and never
     * will.
     */
    | { readonly kind: 'refused'; readonly fix: Fix }
    /** Answered before the idempotency layer and permanent: says nothing about earlier calls. */
    | { readonly kind: 'rejected' }
    /** Nothing happened by this call: refused connection, rate limit. */
    | { readonly kind: 'no_effect' }
    /** The key or our permission is wrong: the whole rail account stops. */
    | { readonly kind: 'misconfigured' }
    /** `stored`: an answer kept under the key, so that repeating will not help for long. */
    | { readonly kind: 'unknown'; readonly stored: boolean; readonly soon: boolean }
    /** The key was used with other parameters: our defect; a transfer may exist. */
    | { readonly kind: 'key_conflict' }
    | { readonly kind: 'found'; readonly transfers: readonly ProviderTransfer[] }
    | { readonly kind: 'look_up_failed' }
  );

export type OutcomeKind = CallOutcome['kind'];
