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
  /** When the provider was asked. */
  readonly checkedAt: Date;
  /** Somebody waits for it: it is read again until it is active. */
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
 * The account after a reading, and what changed for those who want to pay. A reading of another account, or
 * one older than what is known, changes nothing: answers may come in another order than the questions.
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

/** What a destination that was named, or named anew, changes. */
export function afterConnecting(before: ConnectedAccount | null, now: ConnectedAccount): PayableChange {
  if (before && before.stripeAccountId !== now.stripeAccountId && isActive(now)) return 'payable';
  return before ? between(before, now) : isActive(now) ? 'payable' : null;
}

/**
 * An account that is watched is told as payable even if we always thought it active: somebody was refused
 * meanwhile.
 */
function between(before: ConnectedAccount, now: ConnectedAccount): PayableChange {
  if (isActive(now)) return isActive(before) && !before.watched ? null : 'payable';
  return isActive(before) ? 'blocked' : null;
}

function isActive(account: ConnectedAccount): boolean {
  return account.transfersCapability === 'active';
}
