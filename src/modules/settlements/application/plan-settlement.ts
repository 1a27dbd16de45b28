import { Injectable } from '@nestjs/common';
import { type Currency, currencyOf, InvalidAmount, Money } from '../../../kernel/money';
import type { Tx } from '../../../kernel/tx';
import { type RecipientRef, Recipients } from '../../recipients';
import { Tenancy } from '../../tenancy';
import type { Rail } from '../../transfers/contract';
import { type Refusal, SettlementRefused } from '../domain/errors';
import {
  planComputed,
  planGivenAwards,
  SettlementInvalid,
  type SettlementPlan,
  type SettlementProblem,
} from '../domain/plan';

interface ContestFacts {
  readonly contestId: string;
  readonly currency: string;
  /** Decimal text, as everything that is called an amount here. */
  readonly pool: string;
  readonly rail: Rail;
}

/** Who gets how much was decided elsewhere. */
export interface GivenSettlement extends ContestFacts {
  readonly kind: 'given';
  readonly platformShare: string;
  readonly allowRemainder: boolean;
  readonly awards: readonly {
    readonly payee: RecipientRef;
    readonly amount: string;
    readonly rank?: number;
  }[];
}

/** We compute it from the standings. */
export interface ComputedSettlement extends ContestFacts {
  readonly kind: 'computed';
  readonly platformShareBps?: number;
  readonly structure: readonly number[];
  readonly standings: readonly {
    readonly payee: RecipientRef;
    readonly rank?: number;
    readonly score?: string;
  }[];
}

export type SettlementFacts = GivenSettlement | ComputedSettlement;

interface ResolvedPayees {
  /** The recipient's id, or for those nobody knows a text that can be none. */
  readonly names: readonly string[];
  readonly unknown: ReadonlySet<string>;
  readonly refusals: readonly Refusal[];
}

/** A currency the tenant pays in, and above which sum of awards it wants a second person; null for none. */
export interface PayableCurrency {
  readonly currency: Currency;
  readonly approvalAbove: bigint | null;
}

export interface PlannedSettlement extends Pick<PayableCurrency, 'approvalAbove'> {
  readonly plan: SettlementPlan;
}

/**
 * Makes the plan of a settlement from what a caller sent. Preview and record share it, so they cannot differ.
 */
@Injectable()
export class PlanSettlement {
  constructor(
    private readonly recipients: Recipients,
    private readonly tenancy: Tenancy,
  ) {}

  /** Throws SettlementRefused with every problem, each with the index of its award or standing. */
  async execute(tx: Tx, facts: SettlementFacts): Promise<PlannedSettlement> {
    const { currency, approvalAbove } = await this.currencyFor(tx, facts.currency);
    const payees = await this.resolve(
      tx,
      (facts.kind === 'given' ? facts.awards : facts.standings).map(({ payee }) => payee),
    );
    return {
      plan:
        facts.kind === 'given'
          ? planGiven(facts, currency, payees)
          : planFromStandings(facts, currency, payees),
      approvalAbove,
    };
  }

  /** Throws InvalidCurrency, or SettlementRefused when the tenant does not pay in it. */
  async currencyFor(tx: Tx, text: string): Promise<PayableCurrency> {
    const currency = currencyOf(text);
    const { allowedCurrencies, approvalAbove } = await this.tenancy.settingsOf(tx);
    if (allowedCurrencies.includes(currency))
      return { currency, approvalAbove: approvalAbove.get(currency) ?? null };
    throw new SettlementRefused([
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
    const refusals: Refusal[] = [];
    const names = refs.map((ref, index) => {
      const recipient = found[index];
      if (!recipient) {
        unknown.add(nameOf(ref));
        return nameOf(ref);
      }
      if (!recipient.isActive)
        refusals.push({
          code: 'recipient_inactive',
          message: `recipient ${recipient.id} is not active`,
          index,
        });
      return recipient.id;
    });
    return { names, unknown, refusals };
  }
}

/** Never the form of a recipient's id, or an unknown external id could be taken for somebody else's. */
function nameOf(ref: RecipientRef): string {
  return 'recipientId' in ref ? `recipient_id ${ref.recipientId}` : `external_id ${ref.externalId}`;
}

function planGiven(facts: GivenSettlement, currency: Currency, payees: ResolvedPayees): SettlementPlan {
  const refusals = [...payees.refusals];
  const amount = reader(currency, refusals);
  return planOr(refusals, () =>
    planGivenAwards({
      contestId: facts.contestId,
      currency,
      pool: amount(facts.pool, null, 'pool'),
      platformShare: amount(facts.platformShare, null, 'platform_share'),
      allowRemainder: facts.allowRemainder,
      awards: facts.awards.map((award, index) => ({
        payee: payees.names[index] ?? '',
        amount: amount(award.amount, index, 'amount'),
        rank: award.rank,
      })),
      unknownPayees: payees.unknown,
    }),
  );
}

function planFromStandings(
  facts: ComputedSettlement,
  currency: Currency,
  payees: ResolvedPayees,
): SettlementPlan {
  const refusals = [...payees.refusals];
  const amount = reader(currency, refusals);
  return planOr(refusals, () =>
    planComputed({
      contestId: facts.contestId,
      currency,
      pool: amount(facts.pool, null, 'pool'),
      platformShareBps: facts.platformShareBps,
      structure: facts.structure,
      standings: facts.standings.map(({ rank, score }, index) => ({
        payee: payees.names[index] ?? '',
        rank,
        score,
      })),
      unknownPayees: payees.unknown,
    }),
  );
}

/**
 * What is no amount of the currency is refused with its place, and read as 0 so that the other checks can go
 * on.
 */
function reader(
  currency: Currency,
  refusals: Refusal[],
): (text: string, index: number | null, field: string) => bigint {
  return (text, index, field) => {
    try {
      return Money.parse(text, currency).minor;
    } catch (error) {
      if (!(error instanceof InvalidAmount)) throw error;
      refusals.push({ code: 'invalid_amount', message: error.message.replace(/^amount/, field), index });
      return 0n;
    }
  };
}

function planOr(refusals: Refusal[], plan: () => SettlementPlan): SettlementPlan {
  const problems = problemsOf(plan, refusals);
  if (!Array.isArray(problems)) return problems;
  throw new SettlementRefused(problems.sort((a, b) => (a.index ?? -1) - (b.index ?? -1)));
}

/**
 * The plan, or all problems: ours and the plan's, without those that only follow from an amount that could
 * not be read.
 */
function problemsOf(
  plan: () => SettlementPlan,
  refusals: Refusal[],
): SettlementPlan | (Refusal | SettlementProblem)[] {
  try {
    const planned = plan();
    return refusals.length ? refusals : planned;
  } catch (error) {
    if (!(error instanceof SettlementInvalid)) throw error;
    const unread = new Set(
      refusals.filter(({ code }) => code === 'invalid_amount').map(({ index }) => index),
    );
    const follows = ({ code, index }: SettlementProblem) =>
      unread.has(index) &&
      (code === 'invalid_amount' || code === 'payout_exceeds_pool' || code === 'conservation_mismatch');
    return [...refusals, ...error.problems.filter((problem) => !follows(problem))];
  }
}
