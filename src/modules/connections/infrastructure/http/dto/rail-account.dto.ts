import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { IsPlainText } from '../../../../../platform/http';
import type { RailAccount } from '../../../contract';

export class ConnectStripeDto {
  @ApiProperty({
    example: 'sk_test_51HxAbCdEfGhIjKl',
    writeOnly: true,
    description: 'A secret or restricted key of your Stripe account. Stored encrypted, never returned.',
  })
  @Matches(/^(sk|rk)_(test|live)_[A-Za-z0-9_]{1,240}$/, {
    message: 'secret_key must be a secret or restricted key of Stripe',
  })
  secret_key: string;
}

export class PauseReasonDto {
  @ApiProperty({
    example: 'Wrong amounts reported for contest 2041, stopping until they are checked',
    maxLength: 500,
  })
  @IsPlainText(500)
  reason: string;
}

export class RailAccountDto {
  @ApiProperty({ example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10', format: 'uuid' })
  id: string;
  @ApiProperty({ enum: ['stripe', 'manual'], example: 'stripe' })
  rail: string;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'acct_1HxAbCdEfGhIjKl',
    description: 'Null on the manual rail.',
  })
  provider_account_id: string | null;
  @ApiProperty({ enum: ['test', 'live'], example: 'test' })
  mode: string;
  @ApiProperty({ enum: ['active', 'paused'], example: 'active' })
  status: string;
  @ApiProperty({ type: String, nullable: true, example: null })
  paused_reason: string | null;

  static of(account: RailAccount): RailAccountDto {
    return {
      id: account.id,
      rail: account.rail,
      provider_account_id: account.providerAccountId,
      mode: account.mode,
      status: account.status,
      paused_reason: account.pausedReason,
    };
  }
}
