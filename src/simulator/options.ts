/** How a simulator is started. Everything has a default that suits a test. */
export interface SimulatorOptions {
  /** 0 (default) takes a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. Anybody who reaches the port may use the control API. */
  readonly host?: string;
  /** Seed of the webhook faults and part of /_sim/health; a fault mix brings its own. Default "0". */
  readonly seed?: string;
  /** File to keep platforms, accounts, balances, transfers and idempotency keys in; default: memory only. */
  readonly data?: string;
  /** Register any unknown `sk_test_sim_…` key by itself, with an empty balance. Default true. */
  readonly auto_register?: boolean;
  /** Most rows kept of calls and of webhook deliveries; the oldest go. Default: all. */
  readonly log_max?: number;
  /** Base latency of every call of Stripe's API in milliseconds. Default 0. */
  readonly delay_ms?: number;
  /** Waiting times between the tries of one webhook delivery. */
  readonly webhook_retry_ms?: readonly number[];
  /** How long an endpoint may take to answer a delivery. Default 10,000. */
  readonly webhook_timeout_ms?: number;
  /**
   * State of the `transfers` capability of accounts made over Stripe's API. Default inactive: they must be
   * onboarded.
   */
  readonly new_account_capability?: 'active' | 'pending' | 'inactive';
}
