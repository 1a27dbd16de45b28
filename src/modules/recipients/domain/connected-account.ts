import type { EventType } from '../../../kernel/events';
import {
  RecipientBlocked,
  RecipientPayable,
  type RecipientPayableChanged,
  type TransfersCapability,
} from '../contract';

export interface ConnectedAccount {
  readonly recipientId: string;
  readonly stripeAccountId: string;
  readonly railAccountId: string;
  readonly transfersCapability: TransfersCapability;
  /** When it was read at the provider. */
  readonly checkedAt: Date;
  /** Transfers wait for it: it is read again until it is active. */
  readonly watched: boolean;
  /** Rises with each change of the destination. */
  readonly version: number;
}

export interface CapabilityReading {
  readonly recipientId: string;
  readonly stripeAccountId: string;
  readonly transfersCapability: TransfersCapability;
  readonly readAt: Date;
}

export type PayableChange = 'payable' | 'blocked' | null;

export const PAYABLE_EVENTS: Record<NonNullable<PayableChange>, EventType<RecipientPayableChanged>> = {
  payable: RecipientPayable,
  blocked: RecipientBlocked,
};

/**
 * The account after a reading, and what changed for payments. A reading of another account, or an older one,
 * changes nothing: responses may arrive in another order than the requests.
 */
export function afterReading(
  account: ConnectedAccount,
  reading: CapabilityReading,
): { account: ConnectedAccount; change: PayableChange } {
  if (reading.stripeAccountId !== account.stripeAccountId || reading.readAt <= account.checkedAt)
    return { account, change: null };
  const next = {
    ...account,
    transfersCapability: reading.transfersCapability,
    checkedAt: reading.readAt,
    watched: reading.transfersCapability !== 'active',
  };
  return { account: next, change: between(account, next) };
}

/** What a new or changed connected account changes for payments. */
export function afterConnecting(before: ConnectedAccount | null, now: ConnectedAccount): PayableChange {
  if (before && before.stripeAccountId !== now.stripeAccountId && isActive(now)) return 'payable';
  return before ? between(before, now) : isActive(now) ? 'payable' : null;
}

/** A watched account is published as payable even if it was active before: a transfer was refused meanwhile. */
function between(before: ConnectedAccount, now: ConnectedAccount): PayableChange {
  if (isActive(now)) return isActive(before) && !before.watched ? null : 'payable';
  return isActive(before) ? 'blocked' : null;
}

function isActive(account: ConnectedAccount): boolean {
  return account.transfersCapability === 'active';
}
