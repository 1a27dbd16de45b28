import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { currencyOf, Money } from '../../../../../kernel/money';
import { COMPARISONS } from '../../../../../kernel/time-bounds';
import {
  AMOUNT_AT_MOST,
  IsAmountText,
  IsCurrencyText,
  IsId,
  IsOneOf,
  IsTimestamp,
  validationFailed,
} from '../../../../../platform/http';
import { PageQueryDto } from '../../../../../platform/pagination';
import { type Rail, RAILS } from '../../../../transfers/contract';
import type { Bound, PayoutFilters } from '../../../application/list-payouts.query';
import { PAYOUT_STATUSES, type PayoutStatus } from '../../../contract';

function IsTimeBound(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ format: 'date-time', example: '2025-11-21T00:00:00Z' }),
    IsOptional(),
    IsTimestamp(),
  );
}

function IsAmountBound(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ example: '100.00', description: `Requires \`currency\`. ${AMOUNT_AT_MOST}` }),
    IsOptional(),
    IsAmountText(),
  );
}

export class PayoutQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ enum: PAYOUT_STATUSES })
  @IsOptional()
  @IsOneOf(PAYOUT_STATUSES)
  status?: PayoutStatus;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsId()
  recipient_id?: string;

  @ApiPropertyOptional({ example: 'USD' })
  @IsOptional()
  @IsCurrencyText()
  currency?: string;

  @ApiPropertyOptional({ enum: RAILS })
  @IsOptional()
  @IsOneOf(RAILS)
  rail?: Rail;

  @IsTimeBound() 'created_at[gt]'?: string;
  @IsTimeBound() 'created_at[gte]'?: string;
  @IsTimeBound() 'created_at[lt]'?: string;
  @IsTimeBound() 'created_at[lte]'?: string;

  @IsAmountBound() 'amount[gt]'?: string;
  @IsAmountBound() 'amount[gte]'?: string;
  @IsAmountBound() 'amount[lt]'?: string;
  @IsAmountBound() 'amount[lte]'?: string;
}

/** @throws `validation_failed`, InvalidCurrency, InvalidAmount */
export function filtersOf(query: PayoutQueryDto): PayoutFilters {
  const { status, recipient_id: recipientId, currency, rail } = query;
  const createdAt = boundsOf(query, 'created_at');
  const amount = boundsOf(query, 'amount').map(([comparison, text]): Bound<bigint> => {
    if (currency === undefined)
      throw validationFailed({ [`amount[${comparison}]`]: ['requires the parameter currency'] });
    return [comparison, Money.parse(text, currencyOf(currency)).minor];
  });
  return { status, recipientId, currency, rail, amount, createdAt };
}

function boundsOf(query: PayoutQueryDto, field: 'created_at' | 'amount'): Bound<string>[] {
  return COMPARISONS.flatMap((comparison) => {
    const value = query[`${field}[${comparison}]`];
    return value === undefined ? [] : [[comparison, value] as const];
  });
}
