/** Options of a simulator. The defaults suit a test. */
export interface SimulatorOptions {
  /** 0 (default) takes a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. The control API is open to every client that reaches the port. */
  readonly host?: string;
  /** Seed of the webhook faults and part of /_sim/health; a fault mix brings its own. Default "0". */
  readonly seed?: string;
  /** File for platforms, accounts, balances, transfers and idempotency keys; default: memory only. */
  readonly data?: string;
  /** Register any unknown `sk_test_sim_…` key by itself, with an empty balance. Default true. */
  readonly auto_register?: boolean;
  /** The number of stored rows of calls and of webhook deliveries; the oldest are dropped. Default: all. */
  readonly log_max?: number;
  /** Base latency of every call of Stripe's API in milliseconds. Default 0. */
  readonly delay_ms?: number;
  /** Waiting times between the tries of one webhook delivery. */
  readonly webhook_retry_ms?: readonly number[];
  /** Timeout of a delivery. Default 10,000. */
  readonly webhook_timeout_ms?: number;
  /**
   * State of the `transfers` capability of accounts made over Stripe's API. Default inactive: they must be
   * onboarded.
   */
  readonly new_account_capability?: 'active' | 'pending' | 'inactive';
}
