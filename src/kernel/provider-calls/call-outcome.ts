/** What is stored and logged of every outcome. */
export interface OutcomeDetails {
  readonly reason: string;
  readonly httpStatus: number | null;
  readonly providerCode: string | null;
  readonly providerRequestId: string | null;
}

/**
 * What the response to one call means (docs/invariants.md F6). It classifies the call, not its generation:
 * while another call of the same generation has no known effect, only `succeeded` and `refused` settle it,
 * because only they come from behind the provider's idempotency layer (docs/invariants.md F5).
 *
 * `Created` is what the provider created, as far as we compare it. `Refusal` adds to a refusal what its owner
 * needs to decide.
 */
export type ProviderCallOutcome<Created, Refusal = unknown> = OutcomeDetails &
  (
    | { readonly kind: 'succeeded'; readonly created: Created }
    /** A success that differs from the request: an operator must look. */
    | { readonly kind: 'mismatched'; readonly created: Created | null }
    /** From behind the idempotency layer: this key created nothing and never will. */
    | ({ readonly kind: 'refused' } & Refusal)
    /** Permanent, from before the idempotency layer: proves nothing about earlier calls. */
    | { readonly kind: 'rejected' }
    /** Refused connection, rate limit, or not sent. `error`: our own error that prevented the call. */
    | { readonly kind: 'no_effect'; readonly error?: unknown }
    /** Our API key or its permission is wrong: the whole rail account stops. */
    | { readonly kind: 'misconfigured' }
    /** `stored`: the provider stored this response under the key. `soon`: the first call still runs. */
    | { readonly kind: 'unknown'; readonly stored: boolean; readonly soon: boolean }
    /** The key was used with other parameters: our defect, and the first call may have had an effect. */
    | { readonly kind: 'key_conflict' }
    /** Complete result of a look-up; empty when the provider holds nothing. */
    | { readonly kind: 'found'; readonly found: readonly Created[] }
    | { readonly kind: 'look_up_failed' }
  );
