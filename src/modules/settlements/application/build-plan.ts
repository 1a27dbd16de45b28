import { type Currency, InvalidAmount, Money } from '../../../kernel/money';
import { type InputError, SettlementNotRecordable } from '../domain/errors';
import {
  planComputed,
  planGivenAwards,
  SettlementInvalid,
  type SettlementPlan,
  type SettlementProblem,
} from '../domain/plan';
import type { ComputedSettlement, GivenSettlement, SettlementFacts } from './settlement-facts';

export interface ResolvedPayees {
  /** Per payee the id of the recipient, or for an unknown one a text that cannot be an id. */
  readonly names: readonly string[];
  readonly unknown: ReadonlySet<string>;
  readonly errors: readonly InputError[];
}

/** @throws SettlementNotRecordable with the errors of payees, amounts and plan together, ordered by index */
export function buildPlan(
  facts: SettlementFacts,
  currency: Currency,
  payees: ResolvedPayees,
): SettlementPlan {
  const errors = [...payees.errors];
  const amount = amountParser(currency, errors);
  const plan = () =>
    facts.kind === 'given'
      ? planGiven(facts, currency, payees, amount)
      : planFromStandings(facts, currency, payees, amount);
  const result = planOrErrors(plan, errors);
  if (!Array.isArray(result)) return result;
  throw new SettlementNotRecordable(result.sort((a, b) => (a.index ?? -1) - (b.index ?? -1)));
}

type AmountParser = (text: string, index: number | null, field: string) => bigint;

function planGiven(
  facts: GivenSettlement,
  currency: Currency,
  payees: ResolvedPayees,
  amount: AmountParser,
): SettlementPlan {
  return planGivenAwards({
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
  });
}

function planFromStandings(
  facts: ComputedSettlement,
  currency: Currency,
  payees: ResolvedPayees,
  amount: AmountParser,
): SettlementPlan {
  return planComputed({
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
  });
}

/** Records an amount that cannot be parsed as an error and continues with 0, so that the other checks run. */
function amountParser(currency: Currency, errors: InputError[]): AmountParser {
  return (text, index, field) => {
    try {
      return Money.parse(text, currency).minor;
    } catch (error) {
      if (!(error instanceof InvalidAmount)) throw error;
      errors.push({ code: 'invalid_amount', message: error.message.replace(/^amount/, field), index });
      return 0n;
    }
  };
}

/** Leaves out problems of the plan that only follow from an amount that could not be parsed. */
function planOrErrors(
  plan: () => SettlementPlan,
  errors: readonly InputError[],
): SettlementPlan | (InputError | SettlementProblem)[] {
  try {
    const planned = plan();
    return errors.length ? [...errors] : planned;
  } catch (error) {
    if (!(error instanceof SettlementInvalid)) throw error;
    const unparsed = new Set(
      errors.filter(({ code }) => code === 'invalid_amount').map(({ index }) => index),
    );
    const follows = ({ code, index }: SettlementProblem) =>
      unparsed.has(index) &&
      (code === 'invalid_amount' || code === 'payout_exceeds_pool' || code === 'conservation_mismatch');
    return [...errors, ...error.problems.filter((problem) => !follows(problem))];
  }
}
