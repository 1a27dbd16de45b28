import type Stripe from 'stripe';
import type { ProviderAccountState } from '../../application/ports';
import { CAPABILITY_STATES, type TransfersCapability } from '../../contract';

const CAPABILITIES: ReadonlySet<string> = new Set(CAPABILITY_STATES);

/** `charges_enabled` does not count: accounts that only receive never have it. */
export function stateOf(account: Stripe.Account): ProviderAccountState {
  const state = account.capabilities?.transfers ?? 'unrequested';
  const { requirements: r } = account;
  return {
    stripeAccountId: account.id,
    transfersCapability: CAPABILITIES.has(state) ? (state as TransfersCapability) : 'inactive',
    detailsSubmitted: account.details_submitted === true,
    requirements: {
      currentlyDue: r?.currently_due ?? [],
      pastDue: r?.past_due ?? [],
      eventuallyDue: r?.eventually_due ?? [],
      pendingVerification: r?.pending_verification ?? [],
      disabledReason: r?.disabled_reason ?? null,
      currentDeadline: r?.current_deadline ? new Date(r.current_deadline * 1000) : null,
    },
  };
}
