import {
  PROVIDER_EVENT_ACCOUNT,
  PROVIDER_EVENT_FUNDS,
  PROVIDER_EVENT_TRANSFER,
  type RailMode,
} from '../contract';

/** Own events and those of connected accounts come to two endpoints with a secret each. */
export const ENDPOINT_FAMILIES = ['account', 'connect'] as const;
export type EndpointFamily = (typeof ENDPOINT_FAMILIES)[number];

/** What is kept of a signed event: ids, never the object, which is read again at the provider. */
export interface ProviderEvent {
  readonly id: string;
  readonly type: string;
  readonly objectId: string;
  /** The connected account it is about; null for the platform's own. */
  readonly account: string | null;
  readonly livemode: boolean;
  readonly createdAt: Date;
  /** Tenant that our own metadata on the object names, if it does. */
  readonly tenantId: string | null;
}

export interface ReceivingEndpoint {
  readonly family: EndpointFamily;
  readonly tenantId: string;
  readonly mode: RailMode;
  readonly providerAccountId: string | null;
}

export type UnmatchedReason = 'other_mode' | 'other_account' | 'other_tenant' | 'type_not_used';

const OUTBOX_NAMES: Record<EndpointFamily, readonly (readonly [RegExp, string])[]> = {
  account: [
    [/^transfer\.(created|updated|reversed)$/, PROVIDER_EVENT_TRANSFER],
    [/^(balance\.available|topup\.succeeded)$/, PROVIDER_EVENT_FUNDS],
  ],
  connect: [[/^account\.updated$/, PROVIDER_EVENT_ACCOUNT]],
};

/**
 * The outbox event a provider event becomes, or why it becomes none. The family decides which types count:
 * the balance or a transfer of a connected account is not ours, though it carries the same type as our own.
 */
export function sortedInto(
  event: ProviderEvent,
  to: ReceivingEndpoint,
): { name: string } | { unmatched: UnmatchedReason } {
  if (event.livemode !== (to.mode === 'live')) return { unmatched: 'other_mode' };
  if (!isOfAccount(event, to)) return { unmatched: 'other_account' };
  if (event.tenantId !== null && event.tenantId !== to.tenantId) return { unmatched: 'other_tenant' };
  const known = OUTBOX_NAMES[to.family].find(([type]) => type.test(event.type));
  return known ? { name: known[1] } : { unmatched: 'type_not_used' };
}

function isOfAccount(event: ProviderEvent, to: ReceivingEndpoint): boolean {
  if (to.family === 'account') return event.account === null || event.account === to.providerAccountId;
  return event.account !== null && event.account !== to.providerAccountId;
}
