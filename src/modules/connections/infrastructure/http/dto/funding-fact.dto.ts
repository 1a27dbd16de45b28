import { ApiProperty } from '@nestjs/swagger';
import { currencyOf, Money } from '../../../../../kernel/money';
import {
  AMOUNT_AT_MOST,
  IsAmountText,
  IsCurrencyText,
  IsId,
  IsOneOf,
  IsPlainText,
} from '../../../../../platform/http';
import type { FundingFact } from '../../../application/ports';

export class RecordFundingDto {
  @ApiProperty({ example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10', format: 'uuid' })
  @IsId()
  rail_account_id: string;

  @ApiProperty({
    enum: ['in', 'out'],
    example: 'in',
    description: 'in: money added to the account. out: money withdrawn from it.',
  })
  @IsOneOf(['in', 'out'])
  direction: 'in' | 'out';

  @ApiProperty({ example: '900.00', description: AMOUNT_AT_MOST })
  @IsAmountText()
  amount: string;

  @ApiProperty({ example: 'USD' })
  @IsCurrencyText()
  currency: string;

  @ApiProperty({
    example: 'po_1HxAbCdEfGhIjKl',
    maxLength: 255,
    description: 'The id at the provider or the bank, as evidence. Accepted once per account.',
  })
  @IsPlainText(255)
  reference: string;

  @ApiProperty({ example: 'Wire of 21 November, statement page 3', maxLength: 500 })
  @IsPlainText(500)
  reason: string;
}

export class FundingFactDto {
  @ApiProperty({ example: '0198b0f2-9a10-7c55-8d21-1b0a6e5f4d33', format: 'uuid' })
  id: string;
  @ApiProperty({ example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10', format: 'uuid' })
  rail_account_id: string;
  @ApiProperty({ enum: ['in', 'out'], example: 'in' })
  direction: 'in' | 'out';
  @ApiProperty({ example: '900.00' })
  amount: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiProperty({ example: 'po_1HxAbCdEfGhIjKl' })
  reference: string;
  @ApiProperty({ example: 'Wire of 21 November, statement page 3' })
  reason: string;

  static of(fact: FundingFact & { id: string }): FundingFactDto {
    return {
      id: fact.id,
      rail_account_id: fact.railAccountId,
      direction: fact.direction,
      amount: Money.of(fact.amountMinor, currencyOf(fact.currency)).toText(),
      currency: fact.currency,
      reference: fact.reference,
      reason: fact.reason,
    };
  }
}
