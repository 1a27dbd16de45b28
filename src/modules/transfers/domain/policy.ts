import { ProviderCallPolicy } from '../../../kernel/provider-calls';

export abstract class TransferPolicy extends ProviderCallPolicy {
  /** How long responses from before the idempotency layer are tried again. */
  abstract readonly retryForMs: number;
}

const BACKOFF_FIRST_MS = 2_000;
const BACKOFF_LAST_MS = 15 * 60_000;
const BACKOFF_SOON_MS = 500;

/**
 * Exponential, with jitter between half of the step and the whole step, so that a thousand transfers do not
 * come back at once.
 */
export function backoffMs(step: number, jitter: number): number {
  const full = Math.min(BACKOFF_FIRST_MS * 2 ** Math.min(step, 20), BACKOFF_LAST_MS);
  return Math.round(full / 2 + (full / 2) * jitter);
}

/** For a response that says the first call still runs. */
export function soonMs(jitter: number): number {
  return Math.round(BACKOFF_SOON_MS * (1 + jitter));
}
