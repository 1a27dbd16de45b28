import type { ProviderCallOutcome } from './call-outcome';

/** Times in milliseconds; the values in force come from the configuration. */
export abstract class ProviderCallPolicy {
  /**
   * A key is sent again only while its generation is younger than this; never above 23 h, because the
   * provider may forget a key after 24 h.
   */
  abstract readonly safeWindowMs: number;
  /** Between the last byte sent, a first empty look-up and a second one. */
  abstract readonly quarantineMs: number;
  abstract readonly leaseMs: number;
  abstract readonly callDeadlineMs: number;
}

/** A key with this many stored 500s is looked up instead of sent again. */
export const SERVER_ERRORS_MAX = 3;

export type CallKind = 'send' | 'look_up';

/**
 * The calls of one generation, which all carry one idempotency key and the same frozen parameters. The owner
 * (a transfer, an account opening) stores these fields in its own row, extends this interface, and decides
 * what an outcome means for its own state. All times are of the database's clock (docs/invariants.md F11).
 */
export interface ProviderCall {
  /** The call that runs, or the last one. */
  readonly callKind: CallKind | null;
  readonly firstSentAt: Date | null;
  /** Never earlier than the moment the last byte of the last call can have left. */
  readonly lastSentAt: Date | null;
  readonly leaseToken: string | null;
  readonly leaseUntil: Date | null;
  /** Some call of this generation has no known effect. */
  readonly ambiguous: boolean;
  /** 500s that the provider stored under the key. */
  readonly serverErrors: number;
  readonly lookUpEmptyAt: Date | null;
}

export const UNSENT: ProviderCall = {
  callKind: null,
  firstSentAt: null,
  lastSentAt: null,
  leaseToken: null,
  leaseUntil: null,
  ambiguous: false,
  serverErrors: 0,
  lookUpEmptyAt: null,
};

/** Sending the key again is safe only while the provider is sure to remember it. */
export function nextCallKind(call: ProviderCall, now: Date, policy: ProviderCallPolicy): CallKind {
  const age = call.firstSentAt ? now.getTime() - call.firstSentAt.getTime() : 0;
  return age < policy.safeWindowMs && call.serverErrors < SERVER_ERRORS_MAX ? 'send' : 'look_up';
}

/**
 * Begins the next call under a new lease. The owner commits the result before the call is made. A lease that
 * ran out with a send on its way leaves an ambiguity.
 */
export function claimCall<C extends ProviderCall>(
  call: C,
  leaseToken: string,
  now: Date,
  policy: ProviderCallPolicy,
): C {
  const callKind = nextCallKind(call, now, policy);
  const leaseUntil = new Date(now.getTime() + policy.leaseMs);
  const sent = callKind === 'send' ? { firstSentAt: call.firstSentAt ?? now, lastSentAt: leaseUntil } : {};
  const abandoned = call.leaseToken !== null && call.callKind === 'send';
  return { ...call, ...sent, callKind, leaseToken, leaseUntil, ambiguous: call.ambiguous || abandoned };
}

/** After this moment the claimed call must not start: it has to end within its lease, and a key in its window. */
export function sendBefore(call: ProviderCall, policy: ProviderCallPolicy): Date {
  const leaseEnd = (call.leaseUntil as Date).getTime() - policy.callDeadlineMs;
  if (call.callKind === 'look_up') return new Date(leaseEnd);
  return new Date(Math.min(leaseEnd, (call.firstSentAt as Date).getTime() + policy.safeWindowMs));
}

export function isLeased({ leaseUntil }: ProviderCall, now: Date): boolean {
  return leaseUntil !== null && leaseUntil > now;
}

export function holdsLease({ leaseToken }: ProviderCall, token: string): boolean {
  return leaseToken === token;
}

/** The effect is proved. True from any source and at any time, so no lease is required. */
export function recordSuccess<C extends ProviderCall>(call: C): C {
  return { ...releaseLease(call), ambiguous: false };
}

/** What an outcome means for the generation. Only the holder of the lease may record one, except success. */
export function recordOutcome<C extends ProviderCall>(
  call: C,
  outcome: ProviderCallOutcome<unknown>,
  now: Date,
): C {
  const ended = releaseLease(call.callKind === 'send' ? { ...call, lastSentAt: now } : call);
  switch (outcome.kind) {
    case 'succeeded':
    case 'refused':
      return { ...ended, ambiguous: false };
    case 'mismatched':
      return requireProof(ended);
    case 'unknown':
      return { ...ended, ambiguous: true, serverErrors: call.serverErrors + (outcome.stored ? 1 : 0) };
    case 'key_conflict':
      return { ...ended, ambiguous: true, serverErrors: SERVER_ERRORS_MAX };
    case 'rejected':
      return call.ambiguous ? { ...ended, serverErrors: SERVER_ERRORS_MAX } : ended;
    case 'no_effect':
    case 'misconfigured':
    case 'look_up_failed':
    case 'found':
      return ended;
  }
}

/**
 * One empty look-up proves nothing about an ambiguous call: its effect may only just be coming, or the list
 * may lag. Two of them, each a quarantine after what came before, end the ambiguity.
 */
export function recordEmptyLookUp<C extends ProviderCall>(call: C, now: Date, policy: ProviderCallPolicy): C {
  if (!call.ambiguous || now < emptyLookUpCountsFrom(call, policy)) return call;
  return call.lookUpEmptyAt ? { ...call, ambiguous: false } : { ...call, lookUpEmptyAt: now };
}

/** From when the next empty look-up of an ambiguous call counts. */
export function emptyLookUpCountsFrom(
  { lastSentAt, lookUpEmptyAt }: ProviderCall,
  policy: ProviderCallPolicy,
): Date {
  const last = Math.max(lastSentAt?.getTime() ?? 0, lookUpEmptyAt?.getTime() ?? 0);
  return new Date(last + policy.quarantineMs);
}

/** Something was created, or may have been: from now on two more empty look-ups are needed. */
export function requireProof<C extends ProviderCall>(call: C): C {
  return { ...releaseLease(call), ambiguous: true, lookUpEmptyAt: null };
}

/** Afterwards the next call may carry a new key. */
export function endGeneration<C extends ProviderCall>(call: C): C {
  if (call.ambiguous) throw new Error('a generation with an ambiguous call cannot end');
  return { ...call, firstSentAt: null, serverErrors: 0, lookUpEmptyAt: null };
}

function releaseLease<C extends ProviderCall>(call: C): C {
  return { ...call, leaseToken: null, leaseUntil: null };
}
