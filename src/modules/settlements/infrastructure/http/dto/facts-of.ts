import { type FieldErrors, validationFailed } from '../../../../../platform/http';
import type { RecipientRef } from '../../../../recipients/contract';
import type { SettlementFacts } from '../../../application/settlement-facts';
import type { PayeeDto, SettlementFactsDto } from './record-settlement.dto';

const OF_AWARDS = ['awards', 'platform_share', 'allow_remainder'] as const;
const OF_STANDINGS = ['standings', 'structure', 'platform_share_bps'] as const;

/** @throws HttpProblem `validation_failed` if the body has neither awards nor standings, or fields of both */
export function factsOf(dto: SettlementFactsDto): SettlementFacts {
  const isGiven = dto.standings == null;
  const errors: FieldErrors = {};
  for (const field of isGiven ? OF_STANDINGS : OF_AWARDS) {
    if (dto[field] != null)
      errors[field] = [`${field} is only allowed with ${isGiven ? 'standings' : 'awards'}`];
  }
  if (isGiven && !dto.awards) errors['awards'] = ['awards or standings are required'];
  if (!isGiven && !dto.structure) errors['structure'] = ['structure is required with standings'];
  const payees = (dto.awards ?? dto.standings ?? []).map((entry, index) =>
    payeeOf(entry, `${isGiven ? 'awards' : 'standings'}[${index}]`, errors),
  );
  if (Object.keys(errors).length > 0) throw validationFailed(errors);
  return isGiven ? givenFacts(dto, payees) : computedFacts(dto, payees);
}

function payeeOf(
  { recipient_id: recipientId, external_id: externalId }: PayeeDto,
  path: string,
  errors: FieldErrors,
): RecipientRef {
  if ((recipientId == null) === (externalId == null))
    errors[path] = [`${path} must name its payee by either recipient_id or external_id`];
  return recipientId == null ? { externalId: externalId ?? '' } : { recipientId };
}

function givenFacts(dto: SettlementFactsDto, payees: readonly RecipientRef[]): SettlementFacts {
  return {
    kind: 'given',
    contestId: dto.contest_id,
    currency: dto.currency,
    pool: dto.pool,
    platformShare: dto.platform_share ?? '0',
    rail: dto.rail ?? 'stripe',
    allowRemainder: dto.allow_remainder ?? false,
    awards: (dto.awards ?? []).map(({ amount, rank }, index) => ({
      payee: payees[index] as RecipientRef,
      amount,
      rank: rank ?? undefined,
    })),
  };
}

function computedFacts(dto: SettlementFactsDto, payees: readonly RecipientRef[]): SettlementFacts {
  return {
    kind: 'computed',
    contestId: dto.contest_id,
    currency: dto.currency,
    pool: dto.pool,
    platformShareBps: dto.platform_share_bps ?? undefined,
    rail: dto.rail ?? 'stripe',
    structure: dto.structure ?? [],
    standings: (dto.standings ?? []).map(({ rank, score }, index) => ({
      payee: payees[index] as RecipientRef,
      rank: rank ?? undefined,
      score: score ?? undefined,
    })),
  };
}
