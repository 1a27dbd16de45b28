import type { Rail } from '../../connections/contract';

export const CAPABILITY_STATES = ['active', 'pending', 'inactive', 'unrequested'] as const;
/** State of the `transfers` capability at the provider, as last read. */
export type TransfersCapability = (typeof CAPABILITY_STATES)[number];

/** At most one of each. */
export const PAYMENT_METHOD_TYPES = ['stripe_connected_account', 'manual_bank_transfer'] as const;
export type PaymentMethodType = (typeof PAYMENT_METHOD_TYPES)[number];

/** All that decides how a recipient is paid. */
export interface PaymentMeans {
  readonly isActive: boolean;
  readonly hasBankDetails: boolean;
  /** Null without a connected account. */
  readonly transfersCapability: TransfersCapability | null;
  /** Null when none was chosen. */
  readonly defaultPaymentMethod: PaymentMethodType | null;
}

export interface PaymentMethod {
  readonly type: PaymentMethodType;
  readonly rail: Rail;
  readonly isDefault: boolean;
  /** Null when it can be used now. */
  readonly notPayableReason: string | null;
}

const RAIL_OF: Record<PaymentMethodType, Rail> = {
  stripe_connected_account: 'stripe',
  manual_bank_transfer: 'manual',
};

/** A chosen method that no longer exists does not count. Without a choice, the automatic rail comes first. */
export function defaultMethodOf(means: PaymentMeans): PaymentMethodType | null {
  const there = typesOf(means);
  const chosen = there.find((type) => type === means.defaultPaymentMethod);
  return chosen ?? there[0] ?? null;
}

/** The rail of a payment that names none; null when the recipient has no payment method. */
export function defaultRailOf(means: PaymentMeans): Rail | null {
  const type = defaultMethodOf(means);
  return type && RAIL_OF[type];
}

export function paymentMethodsOf(means: PaymentMeans): PaymentMethod[] {
  const chosen = defaultMethodOf(means);
  return typesOf(means).map((type) => ({
    type,
    rail: RAIL_OF[type],
    isDefault: type === chosen,
    notPayableReason: refusalReason(means, type),
  }));
}

/** The default comes first. */
function typesOf({ hasBankDetails, transfersCapability }: PaymentMeans): PaymentMethodType[] {
  const there: PaymentMethodType[] = [];
  if (transfersCapability) there.push('stripe_connected_account');
  if (hasBankDetails) there.push('manual_bank_transfer');
  return there;
}

function refusalReason(
  { isActive, transfersCapability }: PaymentMeans,
  type: PaymentMethodType,
): string | null {
  if (!isActive) return 'recipient_inactive';
  const isReady = type !== 'stripe_connected_account' || transfersCapability === 'active';
  return isReady ? null : `transfers_capability_${transfersCapability}`;
}
