/**
 * The kinds of faults. `on` says to which calls a seeded mix may apply it:
 * `post` needs something to happen, `list` is about reading lists, `any` is about the wire.
 */
export const FAULT_KINDS = {
  lose_request: { on: 'any', says: 'the connection is reset before anything happened' },
  lose_answer: { on: 'any', says: 'the effect happens, the connection is reset instead of the response' },
  hang_before_effect: { on: 'any', says: 'nothing happens and no response is sent' },
  hang_after_effect: { on: 'any', says: 'the effect happens, no response is sent' },
  error_500_without_effect: {
    on: 'post',
    says: '500 from behind the idempotency layer: stored under the key, nothing happened',
  },
  error_500_with_effect: { on: 'post', says: '500 stored under the key although the effect happened' },
  error_500_before_layer: {
    on: 'any',
    says: '500 from before the idempotency layer: not stored, nothing happened',
  },
  server_503: { on: 'any', says: '503 from before the idempotency layer' },
  rate_limited: { on: 'any', says: '429 rate_limit' },
  lock_timeout: { on: 'any', says: '429 lock_timeout' },
  conflict: { on: 'post', says: '409 idempotency_key_in_use while a first call with the key has its effect' },
  slow: { on: 'any', says: 'the effect (or only the response, with when: "after") comes after delay_ms' },
  reset_mid_body: {
    on: 'any',
    says: 'the effect happens, the connection is reset in the middle of the response',
  },
  broken_json: { on: 'any', says: 'the effect happens, 200 with half of the JSON' },
  empty_200: { on: 'any', says: 'the effect happens, 200 with no body' },
  redirect_302: { on: 'any', says: '302 to another address, nothing happens' },
  huge_body: {
    on: 'any',
    says: 'the effect happens, 200 with one megabyte of JSON that is not the requested object',
  },
  wrong_amount: { on: 'post', says: 'the effect happens as requested, the response names another amount' },
  wrong_currency: {
    on: 'post',
    says: 'the effect happens as requested, the response names another currency',
  },
  wrong_destination: {
    on: 'post',
    says: 'the effect happens as requested, the response names another destination',
  },
  list_lags: { on: 'list', says: 'the list does not show what is younger than lag_ms' },
  list_fails: { on: 'list', says: '500 for a list' },
  unauthorized_401: { on: 'any', says: '401 as for an unknown key' },
  forbidden_403: { on: 'any', says: '403 as for a restricted key' },
} as const satisfies Record<string, { on: 'any' | 'post' | 'list'; says: string }>;

export type FaultKind = keyof typeof FAULT_KINDS;

export const ALL_FAULT_KINDS = Object.keys(FAULT_KINDS) as FaultKind[];

export interface FaultOptions {
  /**
   * For `slow`; also how long the simulated first call of `conflict` runs. Default 1000 for slow, 0 for
   * conflict.
   */
  readonly delay_ms?: number;
  /** For `slow`: does the delay come before the effect (default) or after it. */
  readonly when?: 'before' | 'after';
  /** For `list_lags`. Default 5000. */
  readonly lag_ms?: number;
  /** For `rate_limited`: send Retry-After (Stripe does not). */
  readonly retry_after_s?: number;
  /** For `conflict`: false leaves out the effect of the first call. */
  readonly with_effect?: boolean;
  /**
   * stripe-node repeats a call once by itself after a reset, with the same key, whatever its settings. Unless
   * this is true the repeat is reset too, so that the program under test sees the loss.
   */
  readonly once?: boolean;
}

export interface FaultMatch {
  readonly method?: string;
  /** The path without query; `*` stands for anything. */
  readonly path?: string;
  readonly platform?: string;
  readonly idempotency_key?: string;
  readonly transfer_group?: string;
  readonly destination?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Not before the nth call (from 1) that fits all the rest. */
  readonly nth?: number;
}

/** The fault applies to `times` calls that match (default 1). The first directive that matches is used. */
export interface FaultDirective extends FaultOptions {
  readonly kind: FaultKind;
  readonly match?: FaultMatch;
  readonly times?: number;
}

/** Random faults, reproducible: the same seed and calls give the same faults in any order of the calls. */
export interface FaultMix extends FaultOptions {
  readonly seed: string;
  /** Chance of each kind per call that it fits; together at most 1. */
  readonly rates: Partial<Record<FaultKind, number>>;
  /** "METHOD /path" with `*`; default creating, reading and listing transfers. */
  readonly calls?: readonly string[];
  readonly platform?: string;
  /** Most faults of a kind. With concurrent calls it depends on their order which ones those are. */
  readonly max?: Partial<Record<FaultKind, number>>;
  /** The mix ends by itself after this time. */
  readonly until_ms?: number;
}

export const DEFAULT_MIX_CALLS = ['* /v1/transfers', '* /v1/transfers/*'] as const;
