import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { AMOUNT_AT_MOST, IsAmountText, IsCurrencyText, IsNestedList } from '../../../../../platform/http';

const CURRENCIES_MAX = 150;
const LIMITS = {
  type: () => [ApprovalLimitDto],
  description:
    'A settlement above the limit of its currency needs the approval of a second person. A currency ' +
    'without a limit needs none.',
};

export class ApprovalLimitDto {
  @ApiProperty({ example: '1000.00', description: AMOUNT_AT_MOST })
  @IsAmountText()
  amount: string;

  @ApiProperty({ example: 'USD' })
  @IsCurrencyText()
  currency: string;
}

class CommonSettingsDto {
  @ApiProperty({ example: ['EUR', 'USD'], type: [String], description: 'ISO 4217 codes in any case.' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(CURRENCIES_MAX)
  @IsString({ each: true })
  allowed_currencies: string[];

  @ApiProperty({
    example: 3,
    minimum: 1,
    maximum: 20,
    description: 'A transfer fails after this many tries without effect.',
  })
  @IsInt()
  @Min(1)
  @Max(20)
  max_attempts: number;
}

export class SettingsDto extends CommonSettingsDto {
  @ApiProperty(LIMITS)
  approval_above: ApprovalLimitDto[];
}

export class ChangeSettingsDto extends CommonSettingsDto {
  @ApiPropertyOptional(LIMITS)
  @IsOptional()
  @IsNestedList(() => ApprovalLimitDto, CURRENCIES_MAX)
  approval_above?: ApprovalLimitDto[];
}
