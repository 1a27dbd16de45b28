import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMinSize, Matches } from 'class-validator';
import {
  AMOUNT_AT_MOST,
  IsAmountText,
  IsCurrencyText,
  IsGiven,
  IsId,
  IsMetadata,
  IsNestedList,
  IsOneOf,
  IsPlainText,
} from '../../../../../platform/http';
import { type Rail, RAILS } from '../../../../transfers/contract';
import type { PayoutOrder } from '../../../application/create-payouts';
import { PAYOUT_STATUSES, type PayoutStatus } from '../../../contract';

export const BATCH_MAX = 1_000;

/** Stricter than the header: every value that is valid here is valid as the header, too. */
function IsIdempotencyKey(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      example: 'unique-key-123',
      minLength: 8,
      maxLength: 64,
      description: 'An alternative to the header Idempotency-Key.',
    }),
    IsGiven(),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value)),
    Matches(/^[\x21-\x7e]{8,64}$/, { message: '$property must be 8 to 64 visible ASCII characters' }),
  );
}

export class PayoutOrderDto {
  @ApiProperty({ format: 'uuid', example: '0198b0f2-6a10-7c44-8e21-5d1c0a9b7f32' })
  @IsId()
  recipient_id: string;

  @ApiProperty({
    example: '100.50',
    description: `Above 0, with no more decimals than the currency has. ${AMOUNT_AT_MOST}`,
  })
  @IsAmountText()
  amount: string;

  @ApiProperty({
    example: 'USD',
    description: 'One of the allowed currencies of your tenant, in upper or lower case.',
  })
  @IsCurrencyText()
  currency: string;

  @ApiPropertyOptional({ enum: RAILS, description: "Default: the recipient's default payment method." })
  @IsGiven()
  @IsOneOf(RAILS)
  rail?: Rail;

  @ApiPropertyOptional({ example: 'Invoice 2041', maxLength: 500 })
  @IsGiven()
  @IsPlainText(500)
  description?: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { order: '7001' },
  })
  @IsGiven()
  @IsMetadata()
  metadata?: Record<string, string>;
}

export class CreatePayoutDto extends PayoutOrderDto {
  @IsIdempotencyKey()
  idempotency_key?: string;
}

export class CreatePayoutsDto {
  @ApiProperty({ type: [PayoutOrderDto], minItems: 1, maxItems: BATCH_MAX })
  @IsNestedList(() => PayoutOrderDto, BATCH_MAX)
  @ArrayMinSize(1)
  payouts: PayoutOrderDto[];

  @IsIdempotencyKey()
  idempotency_key?: string;
}

export class ChangePayoutDto {
  @ApiProperty({ enum: PAYOUT_STATUSES, example: 'FAILED' })
  @IsOneOf(PAYOUT_STATUSES)
  status: PayoutStatus;

  @ApiPropertyOptional({
    example: 'The account was closed',
    maxLength: 500,
    description: 'Stored with the payout if it ends without payment.',
  })
  @IsGiven()
  @IsPlainText(500)
  reason?: string;

  @ApiPropertyOptional({
    example: 'SEPA-2026-11-20-0042',
    maxLength: 100,
    description: "Required for COMPLETED on the manual rail: the bank's reference of the payment.",
  })
  @IsGiven()
  @Matches(/^[\x21-\x7e]{1,100}$/, { message: '$property must be 1 to 100 visible ASCII characters' })
  external_id?: string;
}

export class PayoutReasonDto {
  @ApiPropertyOptional({ example: 'Ordered twice', maxLength: 500 })
  @IsGiven()
  @IsPlainText(500)
  reason?: string;
}

export function orderOf({ recipient_id: recipientId, ...order }: PayoutOrderDto): PayoutOrder {
  const { amount, currency, rail, description, metadata } = order;
  return { recipientId, amount, currency, rail, description, metadata };
}
