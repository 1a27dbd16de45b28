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
import { PayoutCreated } from '../contract';
import { payoutRequested } from '../domain/accounting';
import { AmountNotPayable, CurrencyNotAllowed } from '../domain/errors';
import { Payout, type PayoutSnapshot } from '../domain/payout';
import { createdRecord } from './audit-records';
import { PayoutRepository } from './ports';
import { RailAccountCache } from './rail-account-cache';

/** The contents of one request. */
export interface PayoutOrder {
  readonly recipientId: string;
  /** Decimal text. */
  readonly amount: string;
  readonly currency: string;
  /** If absent: the default rail of the recipient. */
  readonly rail?: Rail | undefined;
  readonly description?: string | undefined;
  readonly metadata?: Record<string, string> | undefined;
}

export interface PayoutRequest {
  readonly order: PayoutOrder;
  readonly actor: Actor;
}

/** The new payout, or the reason for which its request is rejected. */
export type PayoutOutcome = PayoutSnapshot | DomainError;

export interface CreatedPayouts {
  /** One per request, in the order of the requests. */
  readonly outcomes: readonly PayoutOutcome[];
  /** Payouts, ledger entries, events and audit records. The caller writes them, with writes of its own. */
  readonly writes: PendingWrite[];
}

export function isRejected(outcome: PayoutOutcome): outcome is DomainError {
  return outcome instanceof DomainError;
}

/** Creates payouts. The event that is published with them starts the payment. */
@Injectable()
export class CreatePayouts {
  constructor(
    private readonly payouts: PayoutRepository,
    private readonly recipients: Recipients,
    private readonly tenancy: Tenancy,
    private readonly railAccounts: RailAccountCache,
    private readonly ledger: Ledger,
    private readonly outbox: Outbox,
  ) {}

  /**
   * Only reads; what is to be written is returned. Outcomes of rejected requests: RecipientUnknown,
   * RecipientInactive, InvalidCurrency, CurrencyNotAllowed, InvalidAmount, AmountNotPayable,
   * RailAccountMissing.
   */
  async execute(tx: Tx, requests: readonly PayoutRequest[]): Promise<CreatedPayouts> {
    const { allowedCurrencies } = await this.tenancy.cachedSettingsOf(tx);
    const recipientIds = new Set(requests.map(({ order }) => order.recipientId));
    const payees = await this.recipients.payees(tx, [...recipientIds]);
    const outcomes = await this.rejectWithoutRailAccount(
      tx,
      requests.map(({ order, actor }) =>
        orDomainError(() => payoutOf(order, payees.get(order.recipientId), allowedCurrencies, actor)),
      ),
    );
    return { outcomes, writes: this.writesOf(tx, outcomes, requests) };
  }

  /** A payout by hand needs no account. */
  private async rejectWithoutRailAccount(tx: Tx, outcomes: PayoutOutcome[]): Promise<PayoutOutcome[]> {
    const isByStripe = (outcome: PayoutOutcome) => !isRejected(outcome) && outcome.rail === 'stripe';
    if (!outcomes.some(isByStripe)) return outcomes;
    const missing = await this.railAccounts.missingFor(tx, 'stripe');
    return missing ? outcomes.map((outcome) => (isByStripe(outcome) ? missing : outcome)) : outcomes;
  }

  private writesOf(
    tx: Tx,
    outcomes: readonly PayoutOutcome[],
    requests: readonly PayoutRequest[],
  ): PendingWrite[] {
    const created = requests.flatMap(({ actor }, index) => {
      const outcome = outcomes[index];
      return outcome && !isRejected(outcome) ? [{ payout: outcome, actor }] : [];
    });
    // Without this, lists of the tenant would be invalidated although nothing changes.
    if (created.length === 0) return [];
    const payouts = created.map(({ payout }) => payout);
    const events = payouts.map(({ id, status }) => PayoutCreated.of({ payout_id: id, status }));
    return [
      this.payouts.pendingInsert(tx, payouts),
      ...this.ledger.credits(
        created.map(({ payout, actor }) => payoutRequested.build({ payout, actor: nameOf(actor) })),
      ),
      ...this.outbox.pendingWrites(
        tx,
        events,
        created.map(({ payout, actor }) => ({ actor, records: [createdRecord(payout)] })),
      ),
    ];
  }
}

/** @throws RecipientUnknown, RecipientInactive, and the errors of `payableAmount` */
function payoutOf(
  order: PayoutOrder,
  payee: Payee | undefined,
  allowedCurrencies: readonly string[],
  actor: Actor,
): PayoutSnapshot {
  const money = payableAmount(order, allowedCurrencies);
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
    // A recipient without any payment method gets a payout, too: its transfer reports what is missing.
    rail: order.rail ?? payee.defaultRail ?? 'stripe',
    description: order.description ?? null,
    metadata: order.metadata ?? {},
    createdBy: nameOf(actor),
    createdAt: timeOf(id),
  }).snapshot();
}

/** @throws InvalidCurrency, CurrencyNotAllowed, InvalidAmount, AmountNotPayable */
function payableAmount({ amount, currency: code }: PayoutOrder, allowedCurrencies: readonly string[]): Money {
  const currency = currencyOf(code);
  if (!allowedCurrencies.includes(currency)) throw new CurrencyNotAllowed(currency, allowedCurrencies);
  const money = Money.parse(amount, currency);
  if (!money.isPositive()) throw new InvalidAmount('amount must be above 0');
  const quantum = quantumOf(currency);
  if (money.minor % quantum !== 0n)
    throw new AmountNotPayable(
      `${money.toText()} ${currency} is not a multiple of ${Money.of(quantum, currency).toText()}.`,
    );
  return money;
}

function orDomainError<T>(create: () => T): T | DomainError {
  try {
    return create();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}
