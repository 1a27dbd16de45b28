import { Injectable } from '@nestjs/common';
import { nameOf, type Actor } from '../../../kernel/actor';
import { DomainError } from '../../../kernel/errors';
import { newId, timeOf } from '../../../kernel/ids';
import { currencyOf, InvalidAmount, Money, quantumOf } from '../../../kernel/money';
import type { Tx, PendingWrite } from '../../../kernel/tx';
import { Outbox } from '../../../platform/outbox';
import { Ledger } from '../../ledger';
import { type Payee, RecipientInactive, Recipients, RecipientUnknown } from '../../recipients';
import { Tenancy } from '../../tenancy';
import type { Rail } from '../../transfers/contract';
import { PAYOUT_CREATED } from '../contract';
import { payoutRequested } from '../domain/accounting';
import { AmountNotPayable, CurrencyNotAllowed } from '../domain/errors';
import { Payout, type PayoutSnapshot } from '../domain/payout';
import { KnownRails } from './known-rails';
import { createdRecord } from './payout-audited';
import { PayoutStore } from './ports';

/** What a caller asks for. */
export interface PayoutOrder {
  readonly recipientId: string;
  /** Decimal text. */
  readonly amount: string;
  readonly currency: string;
  /** Left out: as the recipient is usually paid. */
  readonly rail?: Rail | undefined;
  readonly description?: string | undefined;
  readonly metadata?: Record<string, string> | undefined;
}

/** Who asks for it. */
export interface PayoutAsked {
  readonly order: PayoutOrder;
  readonly actor: Actor;
}

/** A payout that is to be written, and who makes it. */
export interface MadePayout {
  readonly payout: PayoutSnapshot;
  readonly actor: Actor;
}

/** What an order becomes, or why it cannot. */
export type PlannedPayout = PayoutSnapshot | DomainError;

export function isRefused(planned: PlannedPayout): planned is DomainError {
  return planned instanceof DomainError;
}

export function isPlanned(planned: PlannedPayout): planned is PayoutSnapshot {
  return !isRefused(planned);
}

/** Writes down that somebody is owed money. What is paid, and how, follows from the event. */
@Injectable()
export class CreatePayouts {
  constructor(
    private readonly payouts: PayoutStore,
    private readonly recipients: Recipients,
    private readonly tenancy: Tenancy,
    private readonly rails: KnownRails,
    private readonly ledger: Ledger,
    private readonly outbox: Outbox,
  ) {}

  /**
   * For each order the payout it becomes, or why it cannot: RecipientUnknown, RecipientInactive,
   * InvalidCurrency, CurrencyNotAllowed, InvalidAmount, AmountNotPayable, RailAccountMissing. Only reads.
   */
  async plan(tx: Tx, asked: readonly PayoutAsked[]): Promise<PlannedPayout[]> {
    const { allowedCurrencies } = await this.tenancy.knownSettingsOf(tx);
    const payees = await this.recipients.payees(tx, [
      ...new Set(asked.map(({ order }) => order.recipientId)),
    ]);
    const planned = asked.map(({ order, actor }) =>
      refusedOr(() => payoutOf(order, payees.get(order.recipientId), allowedCurrencies, actor)),
    );
    return this.rails.check(tx, planned);
  }

  /**
   * Payouts, their ledger entries, events and audit records: all of one message, with whatever the caller
   * adds.
   */
  writes(tx: Tx, made: readonly MadePayout[]): PendingWrite[] {
    // Nothing changes, and nobody needs to be told so.
    if (made.length === 0) return [];
    const entries = made.map(({ payout, actor }) => payoutRequested.build({ payout, actor: nameOf(actor) }));
    const events = made.map(({ payout: { id, status } }) => ({
      name: PAYOUT_CREATED,
      payload: { payout_id: id, status },
    }));
    const audited = made.map(({ payout, actor }) => ({ actor, records: [createdRecord(payout)] }));
    return [
      this.payouts.adding(
        tx,
        made.map(({ payout }) => payout),
      ),
      ...this.ledger.credits(entries),
      ...this.outbox.pendingWrites(tx, events, audited),
    ];
  }
}

function payoutOf(
  order: PayoutOrder,
  payee: Payee | undefined,
  allowedCurrencies: readonly string[],
  actor: Actor,
): PayoutSnapshot {
  const money = payable(order, allowedCurrencies);
  if (!payee) throw new RecipientUnknown();
  if (!payee.isActive) throw new RecipientInactive();
  const id = newId();
  const { name: recipientName, accountTail, bankCode } = payee;
  return Payout.create({
    id,
    recipientId: payee.id,
    recipientName,
    accountTail,
    bankCode,
    amountMinor: money.minor,
    currency: money.currency,
    // Nobody without a way to be paid is kept from being owed: the transfer says what is missing.
    rail: order.rail ?? payee.defaultRail ?? 'stripe',
    description: order.description ?? null,
    metadata: order.metadata ?? {},
    createdBy: nameOf(actor),
    createdAt: timeOf(id),
  }).snapshot();
}

function payable({ amount, currency: code }: PayoutOrder, allowedCurrencies: readonly string[]): Money {
  const currency = currencyOf(code);
  if (!allowedCurrencies.includes(currency)) throw new CurrencyNotAllowed(currency, allowedCurrencies);
  const money = Money.parse(amount, currency);
  if (!money.isPositive()) throw new InvalidAmount('amount must be above 0');
  const quantum = quantumOf(currency);
  if (money.minor % quantum !== 0n)
    throw new AmountNotPayable(
      `${money.toText()} ${currency} is no multiple of ${Money.of(quantum, currency).toText()}`,
    );
  return money;
}

function refusedOr<T>(make: () => T): T | DomainError {
  try {
    return make();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}
