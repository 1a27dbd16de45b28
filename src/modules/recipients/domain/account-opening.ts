import type { RecipientType } from '../contract';

/** `empty`: proved that no call of this generation opened an account. */
export type OpeningState = 'open' | 'opened' | 'refused' | 'empty';
export type OpeningCall = 'create' | 'look_up';

/**
 * One generation of opening the connected account of a recipient: what its key covers is frozen when it
 * begins, and sent again as it was. `metadata` tells whose the account is and which generation made it, which
 * is how a look-up knows it.
 */
export interface AccountOpening {
  readonly recipientId: string;
  readonly generation: number;
  readonly railAccountId: string;
  readonly key: string;
  readonly apiVersion: string;
  readonly country: string;
  readonly type: RecipientType;
  readonly metadata: Record<string, string>;
  readonly state: OpeningState;
  readonly calls: number;
  readonly callKind: OpeningCall | null;
  readonly firstSentAt: Date | null;
  readonly lastSentAt: Date | null;
  readonly leaseToken: string | null;
  readonly leaseUntil: Date | null;
  /** A call has no known effect: an account may have been opened. */
  readonly ambiguous: boolean;
  /** Stored 500s of this key. */
  readonly serverErrors: number;
  readonly lookUpEmptyAt: Date | null;
  readonly stripeAccountId: string | null;
  readonly reason: string | null;
  readonly providerCode: string | null;
  readonly providerRequestId: string | null;
}

interface Told {
  readonly reason: string;
  readonly providerCode: string | null;
  readonly providerRequestId: string | null;
}

/**
 * What one call told us. Only an account that is shown to be there, or two empty look-ups, explain an earlier
 * call.
 */
export type OpeningOutcome<Account> = Told &
  (
    | { readonly kind: 'opened'; readonly account: Account }
    /** Refused for good, as far as this call goes. */
    | { readonly kind: 'refused' }
    /** `error`: what of our own kept the call from being made. */
    | { readonly kind: 'no_effect'; readonly error?: unknown }
    /** The key of the rail account is refused. */
    | { readonly kind: 'misconfigured' }
    | { readonly kind: 'unknown'; readonly stored: boolean }
    /** The key was used with other parameters: our defect, and an account may be there. */
    | { readonly kind: 'key_conflict' }
    | { readonly kind: 'nothing_found' }
    | { readonly kind: 'look_up_failed' }
  );

/** Times in milliseconds; those of transfers, whose protocol this is. */
export abstract class OpeningPolicy {
  /** A key is sent again only while its generation is younger than this. */
  abstract readonly safeWindowMs: number;
  /** Between the last byte sent, a first empty look-up and a second one. */
  abstract readonly quarantineMs: number;
  abstract readonly leaseMs: number;
  abstract readonly callDeadlineMs: number;
}

/** So many stored 500s of one key, then it is looked up instead of sent again. */
const SERVER_ERRORS_MAX = 3;

export type Payee = Pick<AccountOpening, 'recipientId' | 'railAccountId' | 'apiVersion' | 'country' | 'type'>;

export function beginOpening(payee: Payee, tenant: string, generation: number): AccountOpening {
  return {
    ...payee,
    generation,
    key: `account:${payee.recipientId}:g${generation}`,
    metadata: {
      disburse_tenant: tenant,
      disburse_recipient: payee.recipientId,
      disburse_generation: String(generation),
    },
    state: 'open',
    calls: 0,
    callKind: null,
    firstSentAt: null,
    lastSentAt: null,
    leaseToken: null,
    leaseUntil: null,
    ambiguous: false,
    serverErrors: 0,
    lookUpEmptyAt: null,
    stripeAccountId: null,
    reason: null,
    providerCode: null,
    providerRequestId: null,
  };
}

export function isBeingCalled({ leaseUntil }: AccountOpening, now: Date): boolean {
  return leaseUntil !== null && leaseUntil > now;
}

/**
 * Under a new lease, with the next call chosen. A lease that ran out with a call on its way leaves a doubt.
 */
export function claimOpening(
  opening: AccountOpening,
  leaseToken: string,
  now: Date,
  policy: OpeningPolicy,
): AccountOpening {
  const leaseUntil = new Date(now.getTime() + policy.leaseMs);
  const age = opening.firstSentAt ? now.getTime() - opening.firstSentAt.getTime() : 0;
  const callKind: OpeningCall =
    age < policy.safeWindowMs && opening.serverErrors < SERVER_ERRORS_MAX ? 'create' : 'look_up';
  const sent =
    callKind === 'create' ? { firstSentAt: opening.firstSentAt ?? now, lastSentAt: leaseUntil } : {};
  const ambiguous = opening.ambiguous || (opening.leaseToken !== null && opening.callKind === 'create');
  return { ...opening, ...sent, callKind, leaseToken, leaseUntil, ambiguous, calls: opening.calls + 1 };
}

/** After this moment of the database's clock the claimed call must not start. */
export function sendBefore(
  { callKind, leaseUntil, firstSentAt }: AccountOpening,
  policy: OpeningPolicy,
): Date {
  const leaseEnd = (leaseUntil as Date).getTime() - policy.callDeadlineMs;
  return new Date(
    callKind === 'create'
      ? Math.min(leaseEnd, (firstSentAt as Date).getTime() + policy.safeWindowMs)
      : leaseEnd,
  );
}

/** True whoever learnt it, and whenever: no lease is asked for. What was opened first stays. */
export function accountOpened(opening: AccountOpening, stripeAccountId: string): AccountOpening {
  return {
    ...released(opening),
    state: 'opened',
    stripeAccountId: opening.stripeAccountId ?? stripeAccountId,
    ambiguous: false,
    reason: null,
    providerCode: null,
  };
}

/** What the holder of the lease learnt; success goes through `accountOpened`. */
export function afterCall<Account>(
  opening: AccountOpening,
  outcome: Exclude<OpeningOutcome<Account>, { kind: 'opened' }>,
  now: Date,
  policy: OpeningPolicy,
): AccountOpening {
  const { reason, providerCode, providerRequestId } = outcome;
  const sent = opening.callKind === 'create' ? { lastSentAt: now } : {};
  const next = { ...released(opening), ...sent, reason, providerCode, providerRequestId };
  switch (outcome.kind) {
    case 'unknown':
      return { ...next, ambiguous: true, serverErrors: opening.serverErrors + (outcome.stored ? 1 : 0) };
    case 'key_conflict':
      return { ...next, ambiguous: true, serverErrors: SERVER_ERRORS_MAX };
    case 'refused':
      return opening.ambiguous ? { ...next, serverErrors: SERVER_ERRORS_MAX } : { ...next, state: 'refused' };
    case 'nothing_found':
      return lookedUpInVain(next, now, policy);
    default:
      return next;
  }
}

/** From when a further look-up can tell more; null when there is nothing to wait for. */
export function lookUpFrom(
  { state, callKind, ambiguous, lastSentAt, lookUpEmptyAt }: AccountOpening,
  policy: OpeningPolicy,
): Date | null {
  if (state !== 'open' || !ambiguous || callKind !== 'look_up' || !lastSentAt) return null;
  return new Date((lookUpEmptyAt ?? lastSentAt).getTime() + policy.quarantineMs);
}

/**
 * One empty list proves nothing while an answer is missing: the account may only just be coming, or the list
 * may lag behind.
 */
function lookedUpInVain(opening: AccountOpening, now: Date, policy: OpeningPolicy): AccountOpening {
  const from = lookUpFrom(opening, policy);
  if (from && now < from) return opening;
  if (from && !opening.lookUpEmptyAt) return { ...opening, lookUpEmptyAt: now };
  return { ...opening, state: 'empty', ambiguous: false };
}

function released(opening: AccountOpening): AccountOpening {
  return { ...opening, leaseToken: null, leaseUntil: null };
}
