import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, Length, Matches } from 'class-validator';
import {
  AMOUNT_AT_MOST,
  IsAmountText,
  IsBooleanText,
  IsCurrencyText,
  IsId,
  IsOneOf,
  IsPlainText,
} from '../../../../../platform/http';
import { PageQueryDto } from '../../../../../platform/pagination';
import { type Rail, RAILS } from '../../../../transfers/contract';
import { PAYOUT_JOB_STATUSES, type PayoutJobStatus } from '../../../domain/payout-job';
import { SETTLEMENT_STATES, type SettlementState } from '../../../domain/settlement-snapshot';
import { EXAMPLE_HASH } from './settlement.dto';

export class SettlementQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ example: 'contest-2041' })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  contest_id?: string;

  @ApiPropertyOptional({ enum: SETTLEMENT_STATES })
  @IsOptional()
  @IsOneOf(SETTLEMENT_STATES)
  status?: SettlementState;
}

export class PayoutJobQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ enum: PAYOUT_JOB_STATUSES })
  @IsOptional()
  @IsOneOf(PAYOUT_JOB_STATUSES)
  status?: PayoutJobStatus;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsId()
  settlement_id?: string;
}

export class SettlementStreamQueryDto {
  @ApiProperty({ example: 'contest-2042', maxLength: 200 })
  @IsPlainText(200)
  contest_id: string;

  @ApiProperty({ example: 'USD' })
  @IsCurrencyText()
  currency: string;

  @ApiProperty({ example: '1000.00', description: AMOUNT_AT_MOST })
  @IsAmountText()
  pool: string;

  @ApiPropertyOptional({ example: '100.00', default: '0', description: AMOUNT_AT_MOST })
  @IsOptional()
  @IsAmountText()
  platform_share?: string;

  @ApiPropertyOptional({ default: false })
  @IsOptional()
  @IsBooleanText()
  allow_remainder?: boolean;

  @ApiPropertyOptional({ enum: RAILS, default: 'stripe' })
  @IsOptional()
  @IsOneOf(RAILS)
  rail?: Rail;
}

export class ApproveSettlementDto {
  @ApiProperty({
    example: EXAMPLE_HASH,
    pattern: '^[0-9a-f]{64}$',
    description:
      'The `result_hash` of the settlement that you read: any other plan is rejected with `plan_changed`.',
  })
  @Matches(/^[0-9a-f]{64}$/, { message: '$property must be the result_hash of the settlement' })
  plan_hash: string;

  @ApiPropertyOptional({
    example: 'Compared with the jury protocol',
    minLength: 3,
    maxLength: 500,
    description: 'Stored in the audit log.',
  })
  @IsOptional()
  @IsPlainText(500, 3)
  reason?: string;
}

export class SettlementReasonDto {
  @ApiProperty({ example: 'The results were corrected by the jury', minLength: 3, maxLength: 500 })
  @IsPlainText(500, 3)
  reason: string;
}
