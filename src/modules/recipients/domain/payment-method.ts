import type { Rail } from '../../connections/contract';

export const CAPABILITY_STATES = ['active', 'pending', 'inactive', 'unrequested'] as const;
/** State of the `transfers` capability at the provider, as last read. */
export type TransfersCapability = (typeof CAPABILITY_STATES)[number];

/** At most one of each. */
export const PAYMENT_METHOD_TYPES = ['stripe_connected_account', 'manual_bank_transfer'] as const;
export type PaymentMethodType = (typeof PAYMENT_METHOD_TYPES)[number];

/** All that decides how somebody is paid. */
export interface PaymentMeans {
  readonly isActive: boolean;
  readonly hasBankDetails: boolean;
  /** Null without a connected account. */
  readonly transfersCapability: TransfersCapability | null;
  /** What was chosen; null when nobody chose. */
  readonly defaultPaymentMethod: PaymentMethodType | null;
}

export interface PaymentMethod {
  readonly type: PaymentMethodType;
  readonly rail: Rail;
  readonly isDefault: boolean;
  /** Null: it can be paid by now. */
  readonly notPayableReason: string | null;
}

const RAIL_OF: Record<PaymentMethodType, Rail> = {
  stripe_connected_account: 'stripe',
  manual_bank_transfer: 'manual',
};

/**
 * A method that is chosen and no longer there is no choice. Without one, what needs no person comes first.
 */
export function defaultMethodOf(means: PaymentMeans): PaymentMethodType | null {
  const there = typesOf(means);
  const chosen = there.find((type) => type === means.defaultPaymentMethod);
  return chosen ?? there[0] ?? null;
}

/**
 * The rail a payment to this recipient takes unless the payment says otherwise; null when there is no way to
 * pay them.
 */
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
    notPayableReason: whyNot(means, type),
  }));
}

/** In the order in which they are the default. */
function typesOf({ hasBankDetails, transfersCapability }: PaymentMeans): PaymentMethodType[] {
  const there: PaymentMethodType[] = [];
  if (transfersCapability) there.push('stripe_connected_account');
  if (hasBankDetails) there.push('manual_bank_transfer');
  return there;
}

function whyNot({ isActive, transfersCapability }: PaymentMeans, type: PaymentMethodType): string | null {
  if (!isActive) return 'recipient_inactive';
  const isReady = type !== 'stripe_connected_account' || transfersCapability === 'active';
  return isReady ? null : `transfers_capability_${transfersCapability}`;
}
