import type { EventType } from '../../../kernel/events';
import {
  ProviderEventAccount,
  ProviderEventFunds,
  ProviderEventTransfer,
  type ProviderEventReceived,
  type RailMode,
} from '../contract';

type ProviderEventType = EventType<ProviderEventReceived>;

/** Events of the own account and of connected accounts have an endpoint and a secret each. */
export const ENDPOINT_FAMILIES = ['account', 'connect'] as const;
export type EndpointFamily = (typeof ENDPOINT_FAMILIES)[number];

/** The stored part of a signed event: ids, not the object, which is read again at the provider. */
export interface ProviderEvent {
  readonly id: string;
  readonly type: string;
  readonly objectId: string;
  /** The connected account; null for the platform's own account. */
  readonly account: string | null;
  readonly livemode: boolean;
  readonly createdAt: Date;
  /** The tenant in our metadata of the object, if there is one. */
  readonly tenantId: string | null;
}

export interface ReceivingEndpoint {
  readonly family: EndpointFamily;
  readonly tenantId: string;
  readonly mode: RailMode;
  readonly providerAccountId: string | null;
}

export type UnmatchedReason = 'other_mode' | 'other_account' | 'other_tenant' | 'type_not_used';

const PUBLISHED_AS: Record<EndpointFamily, readonly (readonly [RegExp, ProviderEventType])[]> = {
  account: [
    [/^transfer\.(created|updated|reversed)$/, ProviderEventTransfer],
    [/^(balance\.available|topup\.succeeded)$/, ProviderEventFunds],
  ],
  connect: [[/^account\.updated$/, ProviderEventAccount]],
};

/**
 * Returns the event that is published for a provider event, or the reason why none is. The accepted types depend on
 * the family: balances and transfers of connected accounts have the same types as ours, but are not ours.
 */
export function sortedInto(
  event: ProviderEvent,
  to: ReceivingEndpoint,
): { published: ProviderEventType } | { unmatched: UnmatchedReason } {
  if (event.livemode !== (to.mode === 'live')) return { unmatched: 'other_mode' };
  if (!isOfAccount(event, to)) return { unmatched: 'other_account' };
  if (event.tenantId !== null && event.tenantId !== to.tenantId) return { unmatched: 'other_tenant' };
  const known = PUBLISHED_AS[to.family].find(([type]) => type.test(event.type));
  return known ? { published: known[1] } : { unmatched: 'type_not_used' };
}

function isOfAccount(event: ProviderEvent, to: ReceivingEndpoint): boolean {
  if (to.family === 'account') return event.account === null || event.account === to.providerAccountId;
  return event.account !== null && event.account !== to.providerAccountId;
}
