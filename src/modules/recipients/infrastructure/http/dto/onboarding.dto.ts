import { ApiProperty } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import type { OnboardingLink } from '../../../application/ports';
import type { ConnectStatus } from '../../../application/read-connect-status';
import { CAPABILITY_STATES, type TransfersCapability } from '../../../contract';

export class StartOnboardingDto {
  @ApiProperty({
    example: 'https://example.com/onboarding/again',
    maxLength: 2_000,
    description: 'Stripe redirects here when the link was used or has expired. Request a new link there.',
  })
  @IsString()
  refresh_url: string;

  @ApiProperty({
    example: 'https://example.com/onboarding/done',
    maxLength: 2_000,
    description: 'Stripe redirects here at the end, also when the onboarding is incomplete: read the status.',
  })
  @IsString()
  return_url: string;
}

export class OnboardingLinkDto {
  @ApiProperty({
    example: 'https://connect.stripe.com/setup/e/acct_1HxAbCdEfGhIjKl/4f2a',
    description: 'Works once. Redirect the recipient there; do not store it or send it by e-mail.',
  })
  url: string;
  @ApiProperty({ example: '2025-11-21T08:05:00.000Z', format: 'date-time' })
  expires_at: string;
  @ApiProperty({ example: 'acct_1HxAbCdEfGhIjKl' })
  stripe_account_id: string;

  static of(link: OnboardingLink & { stripeAccountId: string }): OnboardingLinkDto {
    return {
      url: link.url,
      expires_at: link.expiresAt.toISOString(),
      stripe_account_id: link.stripeAccountId,
    };
  }
}

export class ConnectRequirementsDto {
  @ApiProperty({
    type: [String],
    example: ['external_account'],
    description: 'Missing now, by the names that Stripe uses.',
  })
  currently_due: readonly string[];
  @ApiProperty({ type: [String], example: [], description: 'Missing and overdue.' })
  past_due: readonly string[];
  @ApiProperty({ type: [String], example: ['external_account'], description: 'Will be needed later.' })
  eventually_due: readonly string[];
  @ApiProperty({ type: [String], example: [], description: 'Being checked by Stripe.' })
  pending_verification: readonly string[];
  @ApiProperty({ type: String, nullable: true, example: null })
  disabled_reason: string | null;
  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: null })
  current_deadline: string | null;
}

export class ConnectStatusDto {
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'acct_1HxAbCdEfGhIjKl',
    description: 'Null before the onboarding.',
  })
  stripe_account_id: string | null;
  @ApiProperty({
    enum: CAPABILITY_STATES,
    type: String,
    nullable: true,
    example: 'inactive',
    description: 'Only active can be paid.',
  })
  transfers_capability: TransfersCapability | null;
  @ApiProperty({ example: false, description: 'Whether the recipient submitted all details.' })
  details_submitted: boolean;
  @ApiProperty({
    type: ConnectRequirementsDto,
    nullable: true,
    description: 'Null without an account, or when it no longer exists at Stripe.',
  })
  requirements: ConnectRequirementsDto | null;
  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: '2025-11-21T08:00:00.000Z' })
  checked_at: string | null;

  static of(status: ConnectStatus | null): ConnectStatusDto {
    const { reading, state } = status ?? { reading: null, state: null };
    return {
      stripe_account_id: reading?.stripeAccountId ?? null,
      transfers_capability: reading?.transfersCapability ?? null,
      details_submitted: state?.detailsSubmitted ?? false,
      requirements: state && requirementsOf(state.requirements),
      checked_at: reading?.readAt.toISOString() ?? null,
    };
  }
}

function requirementsOf(r: NonNullable<ConnectStatus['state']>['requirements']): ConnectRequirementsDto {
  return {
    currently_due: r.currentlyDue,
    past_due: r.pastDue,
    eventually_due: r.eventuallyDue,
    pending_verification: r.pendingVerification,
    disabled_reason: r.disabledReason,
    current_deadline: r.currentDeadline?.toISOString() ?? null,
  };
}
