import {
  claimCall,
  type ProviderCall,
  type ProviderCallOutcome,
  type ProviderCallPolicy,
  recordEmptyLookUp,
  recordOutcome,
  recordSuccess,
  UNSENT,
} from '../../../kernel/provider-calls';
import type { RecipientType, TransfersCapability } from '../contract';

/** `empty`: proved that no call of this generation opened an account. */
export type OpeningState = 'open' | 'opened' | 'refused' | 'empty';

/**
 * One generation of opening the connected account of a recipient. What its key covers is frozen when it
 * begins. `metadata` names the recipient and the generation, by which a look-up recognises the account.
 */
export interface AccountOpening extends ProviderCall {
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
  readonly stripeAccountId: string | null;
  readonly reason: string | null;
  readonly providerCode: string | null;
  readonly providerRequestId: string | null;
}

export interface OpenedAccount {
  readonly stripeAccountId: string;
  readonly transfersCapability: TransfersCapability;
}

export type OpeningOutcome = ProviderCallOutcome<OpenedAccount>;

export type Payee = Pick<AccountOpening, 'recipientId' | 'railAccountId' | 'apiVersion' | 'country' | 'type'>;

export function beginOpening(payee: Payee, tenant: string, generation: number): AccountOpening {
  return {
    ...payee,
    ...UNSENT,
    generation,
    key: `account:${payee.recipientId}:g${generation}`,
    metadata: {
      disburse_tenant: tenant,
      disburse_recipient: payee.recipientId,
      disburse_generation: String(generation),
    },
    state: 'open',
    calls: 0,
    stripeAccountId: null,
    reason: null,
    providerCode: null,
    providerRequestId: null,
  };
}

export function claimOpening(
  opening: AccountOpening,
  leaseToken: string,
  now: Date,
  policy: ProviderCallPolicy,
): AccountOpening {
  return { ...claimCall(opening, leaseToken, now, policy), calls: opening.calls + 1 };
}

/** The account exists: true from any source at any time. The first account of a generation stays. */
export function accountOpened(opening: AccountOpening, stripeAccountId: string): AccountOpening {
  return {
    ...recordSuccess(opening),
    state: 'opened',
    stripeAccountId: opening.stripeAccountId ?? stripeAccountId,
    reason: null,
    providerCode: null,
  };
}

/** The account that an outcome proves; the first one if a look-up found several. */
export function openedBy(outcome: OpeningOutcome): OpenedAccount | null {
  if (outcome.kind === 'succeeded') return outcome.created;
  return outcome.kind === 'found' ? (outcome.found[0] ?? null) : null;
}

/** What the holder of the lease received. A proved account goes to `accountOpened`. */
export function afterCall(
  opening: AccountOpening,
  outcome: OpeningOutcome,
  now: Date,
  policy: ProviderCallPolicy,
): AccountOpening {
  const { reason, providerCode, providerRequestId } = outcome;
  const next = { ...recordOutcome(opening, outcome, now), reason, providerCode, providerRequestId };
  if (outcome.kind === 'rejected') return next.ambiguous ? next : { ...next, state: 'refused' };
  if (outcome.kind !== 'found') return next;
  const looked = recordEmptyLookUp(next, now, policy);
  return looked.ambiguous ? looked : { ...looked, state: 'empty' };
}
