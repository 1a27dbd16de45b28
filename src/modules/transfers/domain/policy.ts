/** Times in milliseconds; the values in force come from the configuration. */
export abstract class TransferPolicy {
  /**
   * A key is sent again only while its generation is younger than this; never above 23 h, since the provider
   * may forget a key after 24 h.
   */
  abstract readonly safeWindowMs: number;
  /** Between the last byte sent, a first empty look-up and a second one. */
  abstract readonly quarantineMs: number;
  /** How long answers from before the idempotency layer are tried again. */
  abstract readonly retryForMs: number;
  abstract readonly leaseMs: number;
  abstract readonly callDeadlineMs: number;
}

/** So many stored 5xx answers of one key, then it is looked up instead of sent again. */
export const SERVER_ERRORS_MAX = 3;

const BACKOFF_FIRST_MS = 2_000;
const BACKOFF_LAST_MS = 15 * 60_000;
const BACKOFF_SOON_MS = 500;

/**
 * Exponential with full-half jitter: between half of the step and the step, so that a thousand transfers do
 * not come back at once.
 */
export function backoffMs(step: number, jitter: number): number {
  const full = Math.min(BACKOFF_FIRST_MS * 2 ** Math.min(step, 20), BACKOFF_LAST_MS);
  return Math.round(full / 2 + (full / 2) * jitter);
}

/** For an answer that says the first call is still running. */
export function soonMs(jitter: number): number {
  return Math.round(BACKOFF_SOON_MS * (1 + jitter));
}
