import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
} from 'class-validator';
import {
  AMOUNT_AT_MOST,
  type FieldErrors,
  IsAmountText,
  IsCurrencyText,
  IsId,
  IsNestedList,
  IsOneOf,
  IsPlainText,
  validationFailed,
} from '../../../../../platform/http';
import { type Rail, RAILS } from '../../../../transfers/contract';
import type { RecipientRef } from '../../../../recipients/contract';
import { BPS_MAX, RANK_MAX, STRUCTURE_PLACES_MAX, WEIGHT_MAX } from '../../../domain/plan';
import type { SettlementFacts } from '../../../application/plan-settlement';

/** Above this a settlement is sent line by line. */
export const JSON_AWARDS_MAX = 5_000;
const TOO_MANY = {
  message: `$property must not hold more than ${JSON_AWARDS_MAX} entries: send a larger settlement to POST /api/v1/settlements/stream`,
};
const EXAMPLE_ID = '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10';

class PayeeDto {
  @ApiPropertyOptional({ format: 'uuid', example: EXAMPLE_ID, description: 'Either this or `external_id`.' })
  @IsOptional()
  @IsId()
  recipient_id?: string;

  @ApiPropertyOptional({
    example: 'user-4711',
    maxLength: 255,
    description: 'The name the recipient has with you.',
  })
  @IsOptional()
  @IsPlainText(255)
  external_id?: string;
}

export class GivenAwardDto extends PayeeDto {
  @ApiProperty({ example: '450.00', description: AMOUNT_AT_MOST })
  @IsAmountText()
  amount: string;

  @ApiPropertyOptional({ example: 1, minimum: 1 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(RANK_MAX)
  rank?: number;
}

export class StandingDto extends PayeeDto {
  @ApiPropertyOptional({
    example: 1,
    minimum: 1,
    description: 'Competition ranking (1, 1, 3). All standings have a rank, or all a score.',
  })
  @IsOptional()
  @IsInt()
  rank?: number;

  @ApiPropertyOptional({ example: '98.5', description: 'Decimal text; higher is better.' })
  @IsOptional()
  @IsString()
  @Length(1, 40)
  score?: string;
}

/** What happened in a contest: its awards, or the standings and the structure to compute them from. */
export class SettlementFactsDto {
  @ApiProperty({
    example: 'contest-2041',
    maxLength: 200,
    description: 'Your reference of the contest: one settlement each.',
  })
  @IsPlainText(200)
  contest_id: string;

  @ApiProperty({ example: 'USD' })
  @IsCurrencyText()
  currency: string;

  @ApiProperty({ example: '1000.00', description: AMOUNT_AT_MOST })
  @IsAmountText()
  pool: string;

  @ApiPropertyOptional({ example: '100.00', default: '0', description: `With \`awards\`. ${AMOUNT_AT_MOST}` })
  @IsOptional()
  @IsAmountText()
  platform_share?: string;

  @ApiPropertyOptional({
    type: [GivenAwardDto],
    maxItems: JSON_AWARDS_MAX,
    description: 'Awards + platform_share = pool.',
  })
  @IsOptional()
  @IsNestedList(() => GivenAwardDto, Number.MAX_SAFE_INTEGER)
  @ArrayMaxSize(JSON_AWARDS_MAX, TOO_MANY)
  awards?: GivenAwardDto[];

  @ApiPropertyOptional({
    default: false,
    description: 'With `awards`: what is left of the pool stays with you as remainder.',
  })
  @IsOptional()
  @IsBoolean()
  allow_remainder?: boolean;

  @ApiPropertyOptional({
    example: 1_000,
    default: 1_000,
    minimum: 0,
    maximum: BPS_MAX,
    description: 'With `standings`: hundredths of a percent of the pool, rounded down.',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(BPS_MAX)
  platform_share_bps?: number;

  @ApiPropertyOptional({
    example: [50, 30, 20],
    type: [Number],
    description: 'With `standings`: the weight of each place.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(STRUCTURE_PLACES_MAX)
  @IsInt({ each: true })
  @Min(0, { each: true })
  @Max(WEIGHT_MAX, { each: true })
  structure?: number[];

  @ApiPropertyOptional({
    type: [StandingDto],
    maxItems: JSON_AWARDS_MAX,
    description: 'Shares are computed by largest remainder; a tie shares the places it covers.',
  })
  @IsOptional()
  @IsNestedList(() => StandingDto, Number.MAX_SAFE_INTEGER)
  @ArrayMaxSize(JSON_AWARDS_MAX, TOO_MANY)
  standings?: StandingDto[];

  @ApiPropertyOptional({
    enum: RAILS,
    default: 'stripe',
    description: 'manual: you pay by yourself and confirm each transfer by mark-paid or mark-failed.',
  })
  @IsOptional()
  @IsOneOf(RAILS)
  rail?: Rail;
}

export class RecordSettlementDto extends SettlementFactsDto {
  @ApiPropertyOptional({
    description:
      '`plan_hash` of the preview that was agreed to: another plan is refused with `plan_changed`.',
    pattern: '^[0-9a-f]{64}$',
  })
  @IsOptional()
  @Matches(/^[0-9a-f]{64}$/, { message: '$property must be the plan_hash of a preview' })
  plan_hash?: string;
}

const OF_AWARDS = ['awards', 'platform_share', 'allow_remainder'] as const;
const OF_STANDINGS = ['standings', 'structure', 'platform_share_bps'] as const;

/** Throws HttpProblem `validation_failed` when the body has neither shape, or fields of both. */
export function factsOf(dto: SettlementFactsDto): SettlementFacts {
  const isGiven = dto.standings == null;
  const errors: FieldErrors = {};
  for (const field of isGiven ? OF_STANDINGS : OF_AWARDS) {
    if (dto[field] != null)
      errors[field] = [`${field} belongs to a settlement with ${isGiven ? 'standings' : 'awards'}`];
  }
  if (isGiven && !dto.awards) errors['awards'] = ['awards or standings must be given'];
  if (!isGiven && !dto.structure) errors['structure'] = ['structure must be given with standings'];
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
