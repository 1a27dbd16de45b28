import { Injectable } from '@nestjs/common';
import { type Currency, currencyOf } from '../../../kernel/money';
import type { Tx } from '../../../kernel/tx';
import { type RecipientRef, Recipients } from '../../recipients';
import { Tenancy } from '../../tenancy';
import { type InputError, SettlementNotRecordable } from '../domain/errors';
import type { SettlementPlan } from '../domain/plan';
import { buildPlan, type ResolvedPayees } from './build-plan';
import type { SettlementFacts } from './settlement-facts';

/** A currency that the tenant allows. */
export interface PayableCurrency {
  readonly currency: Currency;
  /** A sum of awards above this needs an approval. Minor units; null for no limit. */
  readonly approvalAbove: bigint | null;
}

export interface PlannedSettlement extends Pick<PayableCurrency, 'approvalAbove'> {
  readonly plan: SettlementPlan;
}

/** Makes the plan of a settlement. Preview and recording both use it, so that they cannot differ. */
@Injectable()
export class PlanSettlement {
  constructor(
    private readonly recipients: Recipients,
    private readonly tenancy: Tenancy,
  ) {}

  /** @throws InvalidCurrency, SettlementNotRecordable with every error and the index of its award or standing */
  async execute(tx: Tx, facts: SettlementFacts): Promise<PlannedSettlement> {
    const { currency, approvalAbove } = await this.currencyFor(tx, facts.currency);
    const lines = facts.kind === 'given' ? facts.awards : facts.standings;
    const payees = await this.resolve(
      tx,
      lines.map(({ payee }) => payee),
    );
    return { plan: buildPlan(facts, currency, payees), approvalAbove };
  }

  /** @throws InvalidCurrency, SettlementNotRecordable if the tenant does not allow the currency */
  async currencyFor(tx: Tx, text: string): Promise<PayableCurrency> {
    const currency = currencyOf(text);
    const { allowedCurrencies, approvalAbove } = await this.tenancy.settingsOf(tx);
    if (allowedCurrencies.includes(currency))
      return { currency, approvalAbove: approvalAbove.get(currency) ?? null };
    throw new SettlementNotRecordable([
      {
        code: 'currency_not_allowed',
        message: `${currency} is not one of your currencies: ${allowedCurrencies.join(', ')}`,
        index: null,
      },
    ]);
  }

  private async resolve(tx: Tx, refs: readonly RecipientRef[]): Promise<ResolvedPayees> {
    const found = await this.recipients.resolve(tx, refs);
    const unknown = new Set<string>();
    const errors: InputError[] = [];
    const names = refs.map((ref, index) => {
      const recipient = found[index];
      if (!recipient) {
        unknown.add(nameOf(ref));
        return nameOf(ref);
      }
      if (!recipient.isActive)
        errors.push({
          code: 'recipient_inactive',
          message: `recipient ${recipient.id} is not active`,
          index,
        });
      return recipient.id;
    });
    return { names, unknown, errors };
  }
}

/** Never has the form of an id: an unknown external id must not be mistaken for the id of another recipient. */
function nameOf(ref: RecipientRef): string {
  return 'recipientId' in ref ? `recipient_id ${ref.recipientId}` : `external_id ${ref.externalId}`;
}
