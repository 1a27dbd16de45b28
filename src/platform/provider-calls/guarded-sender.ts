import { performance } from 'node:perf_hooks';
import {
  type OutcomeDetails,
  type ProviderCall,
  type ProviderCallPolicy,
  sendBefore,
} from '../../kernel/provider-calls';
import { assertOutsideTransaction } from '../database';
import { failpoint } from '../failpoints';

/** Permission to make one claimed call, and until when. */
export interface CallPermit {
  /** The database's clock at the claim, and this process's monotonic clock at that moment. */
  readonly claimedAt: Date;
  readonly claimedAtMs: number;
  /** After this moment of the database's clock the call must not start. */
  readonly sendBefore: Date;
}

type NotSent = OutcomeDetails & { readonly kind: 'no_effect' };

const CLOCK_SKEW_MAX_MS = 5 * 60_000;

export function permitFor(call: ProviderCall, claimedAt: Date, policy: ProviderCallPolicy): CallPermit {
  return { claimedAt, claimedAtMs: performance.now(), sendBefore: sendBefore(call, policy) };
}

/**
 * Makes one claimed call, unless its lease or safe window would run out or the clocks disagree. The check is
 * made immediately before the call, because a process may be paused for any time after the claim.
 */
export async function sendGuarded<Outcome>(
  permit: CallPermit,
  send: () => Promise<Outcome>,
): Promise<Outcome | NotSent> {
  assertOutsideTransaction('A provider');
  const reason = refusalReason(permit);
  if (reason)
    return { kind: 'no_effect', reason, httpStatus: null, providerCode: null, providerRequestId: null };
  await failpoint('sent');
  const outcome = await send();
  await failpoint('effect');
  return outcome;
}

/** The monotonic clock carries the database's time forward; the process's own clock is only compared with it. */
function refusalReason({ claimedAt, claimedAtMs, sendBefore }: CallPermit): string | null {
  const databaseNowMs = claimedAt.getTime() + (performance.now() - claimedAtMs);
  if (databaseNowMs >= sendBefore.getTime()) return 'not_sent_in_time';
  if (Math.abs(Date.now() - databaseNowMs) > CLOCK_SKEW_MAX_MS) return 'clock_skew';
  return null;
}
