import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { currencyOf, Money } from '../../../../../kernel/money';
import { IsCurrencyText, IsId, IsOneOf } from '../../../../../platform/http';
import { PageQueryDto } from '../../../../../platform/pagination';
import type { AccountRow } from '../../../application/list-accounts.query';
import { ACCOUNT_KINDS, type AccountKind } from '../../../contract';

export class AccountQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ enum: ACCOUNT_KINDS })
  @IsOptional()
  @IsOneOf(ACCOUNT_KINDS)
  kind?: AccountKind;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'The id of the recipient, settlement, program or rail account that owns it.',
  })
  @IsOptional()
  @IsId()
  owner?: string;

  @ApiPropertyOptional({ example: 'USD' })
  @IsOptional()
  @IsCurrencyText()
  currency?: string;
}

export class AccountDto {
  @ApiProperty({ format: 'uuid', example: '64201213-ab11-bb79-7862-89e2a416eef8' }) id: string;
  @ApiProperty({ enum: ACCOUNT_KINDS, example: 'payable' }) kind: AccountKind;
  @ApiProperty({
    format: 'uuid',
    nullable: true,
    type: String,
    example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10',
    description: 'Null for your own accounts.',
  })
  owner: string | null;
  @ApiProperty({ enum: ['award', 'payout', 'reward'], nullable: true, type: String, example: 'award' })
  purpose: string | null;
  @ApiProperty({
    example: '450.00',
    description: 'Can be negative for funding (a funding gap), external and overpaid.',
  })
  balance: string;
  @ApiProperty({ example: 'USD' }) currency: string;
  @ApiProperty({ format: 'date-time', example: '2026-11-20T10:15:00.000Z' }) created_at: string;

  static of(row: AccountRow): AccountDto {
    const { id, kind, owner, purpose, currency } = row;
    return {
      id,
      kind,
      owner,
      purpose,
      balance: Money.of(row.minor, currencyOf(currency)).toText(),
      currency,
      created_at: row.created_at.toISOString(),
    };
  }
}
