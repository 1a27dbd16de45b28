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
  IsAmountText,
  IsCurrencyText,
  IsId,
  IsNestedList,
  IsOneOf,
  IsPlainText,
} from '../../../../../platform/http';
import { type Rail, RAILS } from '../../../../transfers/contract';
import { BPS_MAX, RANK_MAX, STRUCTURE_PLACES_MAX, WEIGHT_MAX } from '../../../domain/plan';

/** The limit of awards and standings in a JSON body. Larger settlements are sent as a stream. */
export const JSON_AWARDS_MAX = 5_000;
const TOO_MANY = {
  message:
    `$property must not have more than ${JSON_AWARDS_MAX} entries: send a larger settlement to POST ` +
    '/api/v1/settlements/stream',
};
const EXAMPLE_ID = '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10';

export class PayeeDto {
  @ApiPropertyOptional({ format: 'uuid', example: EXAMPLE_ID, description: 'Either this or `external_id`.' })
  @IsOptional()
  @IsId()
  recipient_id?: string;

  @ApiPropertyOptional({
    example: 'user-4711',
    maxLength: 255,
    description: 'Your own id of the recipient.',
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

/** The awards of a contest, or the standings and the structure from which they are computed. */
export class SettlementFactsDto {
  @ApiProperty({
    example: 'contest-2041',
    maxLength: 200,
    description: 'Your id of the contest. A contest has one settlement.',
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
    description: 'With `awards`: the rest of the pool stays in your balance as the remainder.',
  })
  @IsOptional()
  @IsBoolean()
  allow_remainder?: boolean;

  @ApiPropertyOptional({
    example: 1_000,
    default: 1_000,
    minimum: 0,
    maximum: BPS_MAX,
    description: 'With `standings`: the platform share in hundredths of a percent of the pool, rounded down.',
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
    description:
      'manual: you pay outside of Disburse and confirm each transfer with mark-paid or mark-failed.',
  })
  @IsOptional()
  @IsOneOf(RAILS)
  rail?: Rail;
}

export class RecordSettlementDto extends SettlementFactsDto {
  @ApiPropertyOptional({
    description: 'The `plan_hash` of a preview: any other plan is rejected with `plan_changed`.',
    pattern: '^[0-9a-f]{64}$',
  })
  @IsOptional()
  @Matches(/^[0-9a-f]{64}$/, { message: '$property must be the plan_hash of a preview' })
  plan_hash?: string;
}
