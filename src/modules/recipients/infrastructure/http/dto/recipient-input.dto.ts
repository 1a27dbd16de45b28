import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, Matches } from 'class-validator';
import { IsGiven, IsMetadata, IsOneOf, IsPlainText } from '../../../../../platform/http';
import { RECIPIENT_TYPES, type RecipientType } from '../../../contract';

const accountNumber = {
  example: 'DE89 3704 0044 0532 0130 00',
  writeOnly: true,
  description:
    '4 to 34 letters or digits; spaces are removed. Stored encrypted, shown masked. Together with bank_code.',
};
const bankCode = {
  example: 'COBADEFFXXX',
  description: '2 to 35 letters or digits. Together with account_number.',
};

export class RegisterRecipientDto {
  @ApiProperty({ enum: RECIPIENT_TYPES, example: 'INDIVIDUAL' })
  @IsOneOf(RECIPIENT_TYPES)
  type: RecipientType;

  @ApiProperty({ example: 'Ann Example', maxLength: 200 })
  @IsPlainText(200)
  name: string;

  @ApiProperty({ example: 'US', description: 'ISO 3166-1, two letters.' })
  @Matches(/^[A-Za-z]{2}$/, { message: '$property must be two letters such as "US"' })
  country: string;

  @ApiPropertyOptional({
    example: 'player-7001',
    maxLength: 255,
    description: 'Your own id of this person; unique. Never changes.',
  })
  @IsGiven()
  @IsPlainText(255)
  external_id?: string;

  @ApiPropertyOptional(accountNumber)
  @IsGiven()
  @IsPlainText(80)
  account_number?: string;

  @ApiPropertyOptional(bankCode)
  @IsGiven()
  @IsPlainText(80)
  bank_code?: string;

  @ApiPropertyOptional({ example: true, default: true })
  @IsGiven()
  @IsBoolean()
  is_active?: boolean;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { team: 'north' },
  })
  @IsGiven()
  @IsMetadata()
  metadata?: Record<string, string>;
}

export class ChangeRecipientDto {
  @ApiPropertyOptional({ enum: RECIPIENT_TYPES, example: 'BUSINESS' })
  @IsGiven()
  @IsOneOf(RECIPIENT_TYPES)
  type?: RecipientType;

  @ApiPropertyOptional({ example: 'Ann Example-Smith', maxLength: 200 })
  @IsGiven()
  @IsPlainText(200)
  name?: string;

  @ApiPropertyOptional({ example: 'DE' })
  @IsGiven()
  @Matches(/^[A-Za-z]{2}$/, { message: '$property must be two letters such as "US"' })
  country?: string;

  @ApiPropertyOptional(accountNumber)
  @IsGiven()
  @IsPlainText(80)
  account_number?: string;

  @ApiPropertyOptional(bankCode)
  @IsGiven()
  @IsPlainText(80)
  bank_code?: string;

  @ApiPropertyOptional({ example: false, description: 'false: no new payouts. What is on its way goes on.' })
  @IsGiven()
  @IsBoolean()
  is_active?: boolean;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { team: 'south' },
  })
  @IsGiven()
  @IsMetadata()
  metadata?: Record<string, string>;
}

export class ConnectAccountDto {
  @ApiProperty({ example: 'acct_1HxAbCdEfGhIjKl' })
  @Matches(/^acct_[A-Za-z0-9_]{1,240}$/, { message: '$property must be the id of a Stripe account (acct_…)' })
  stripe_account_id: string;
}
