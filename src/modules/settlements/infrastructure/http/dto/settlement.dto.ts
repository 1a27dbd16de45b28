import { ApiProperty } from '@nestjs/swagger';
import { type Rail, RAILS } from '../../../../transfers/contract';
import type { SettlementView } from '../../../application/list-settlements.query';
import { needsApproval } from '../../../domain/approval';
import { SETTLEMENT_STATES, type SettlementState } from '../../../domain/settlement-snapshot';

import { AwardDto, textOf } from './award.dto';

const EXAMPLE_ID = '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10';
export const EXAMPLE_HASH = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

export class ProblemLineDto {
  @ApiProperty({ example: 'unknown_payee' }) code: string;
  @ApiProperty({ example: 'payee "user-4711" is not known' }) message: string;
  @ApiProperty({
    type: Number,
    nullable: true,
    example: 17,
    description: 'The line of the stream, from 1; null for the settlement as a whole.',
  })
  line: number | null;
}

export class RejectionDto {
  @ApiProperty({ example: 3 }) total: number;
  @ApiProperty({ type: [ProblemLineDto], description: 'The first hundred.' }) problems: ProblemLineDto[];
}

export class ExclusionDto {
  @ApiProperty({ format: 'uuid' }) recipient_id: string;
  @ApiProperty({ enum: ['zero_award', 'outside_structure'] }) reason: string;
}

export class ApprovalDto {
  @ApiProperty({
    example: true,
    description:
      'Whether the awards are above the limit, so that an independent user or key must approve the plan.',
  })
  required: boolean;
  @ApiProperty({
    example: '500.00',
    description:
      'The limit of the currency when the settlement was recorded. Later changes of the setting do not matter.',
  })
  above: string;
  @ApiProperty({ type: String, nullable: true, example: `user:${EXAMPLE_ID}` }) approved_by: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) approved_at: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    example: EXAMPLE_HASH,
    description: 'The plan that was approved.',
  })
  plan_hash: string | null;
}

export class SettlementDto {
  @ApiProperty({ format: 'uuid', example: EXAMPLE_ID }) id: string;
  @ApiProperty({ example: 'contest-2041' }) contest_id: string;
  @ApiProperty({ enum: SETTLEMENT_STATES, example: 'recorded' }) status: SettlementState;
  @ApiProperty({ example: 'USD' }) currency: string;
  @ApiProperty({ example: '1000.00' }) pool: string;
  @ApiProperty({ enum: RAILS, example: 'stripe' }) rail: Rail;
  @ApiProperty({ example: '100.00' }) platform_share: string;
  @ApiProperty({ example: '0.00' }) remainder: string;
  @ApiProperty({
    example: '900.00',
    description: 'The sum of the awards, which your balance at the provider must cover.',
  })
  awards_total: string;
  @ApiProperty({ example: 3 }) award_count: number;
  @ApiProperty({
    type: String,
    nullable: true,
    example: EXAMPLE_HASH,
    description: 'SHA-256 of the plan, used to approve it; null while a stream is checked.',
  })
  result_hash: string | null;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) payout_job_id: string | null;
  @ApiProperty({
    type: ApprovalDto,
    nullable: true,
    description: 'Null if the tenant has no limit in the currency, and while a stream is checked.',
  })
  approval: ApprovalDto | null;
  @ApiProperty({ type: [ExclusionDto] }) exclusions: ExclusionDto[];
  @ApiProperty({ type: RejectionDto, nullable: true, description: 'Why it was rejected.' })
  rejection: RejectionDto | null;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'rail_account_missing',
    description: 'Why its next step has failed so far.',
  })
  last_failure: string | null;
  @ApiProperty({ type: String, nullable: true }) cancel_reason: string | null;
  @ApiProperty({ format: 'date-time' }) created_at: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) recorded_at: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) cancelled_at: string | null;
}

export class AwardPageDto {
  @ApiProperty({ type: [AwardDto] }) results: AwardDto[];
  @ApiProperty({ type: String, nullable: true, format: 'uri-reference' }) next: string | null;
  @ApiProperty({ type: String, nullable: true, format: 'uri-reference' }) previous: string | null;
}

export class SettlementDetailDto extends SettlementDto {
  @ApiProperty({ type: AwardPageDto, description: 'In the order of the plan: by rank, then by recipient.' })
  awards: AwardPageDto;
}

type SettlementData = Omit<SettlementView, 'payoutJobId' | 'lastFailure'> &
  Partial<Pick<SettlementView, 'payoutJobId' | 'lastFailure'>>;

export function settlementDto(settlement: SettlementData): SettlementDto {
  const text = (minor: bigint) => textOf(minor, settlement.currency);
  return {
    id: settlement.id,
    contest_id: settlement.contestId,
    status: settlement.state,
    currency: settlement.currency,
    pool: text(settlement.poolMinor),
    rail: settlement.rail,
    platform_share: text(settlement.platformShareMinor),
    remainder: text(settlement.remainderMinor),
    awards_total: text(settlement.awardsMinor),
    award_count: settlement.awardCount,
    result_hash: settlement.resultHash,
    payout_job_id: settlement.payoutJobId ?? null,
    approval: approvalDto(settlement),
    exclusions: settlement.exclusions.map(({ payee, reason }) => ({ recipient_id: payee, reason })),
    rejection: settlement.rejection && {
      ...settlement.rejection,
      problems: settlement.rejection.problems.map(({ code, message, line }) => ({
        code,
        message,
        line: line ?? null,
      })),
    },
    last_failure: settlement.lastFailure ?? null,
    cancel_reason: settlement.cancelReason,
    created_at: settlement.createdAt.toISOString(),
    recorded_at: settlement.recordedAt?.toISOString() ?? null,
    cancelled_at: settlement.cancelledAt?.toISOString() ?? null,
  };
}

function approvalDto(settlement: SettlementData): ApprovalDto | null {
  const { approvalAbove, approvedBy, approvedAt, approvedHash, currency } = settlement;
  if (approvalAbove === null) return null;
  return {
    required: needsApproval(settlement),
    above: textOf(approvalAbove, currency),
    approved_by: approvedBy,
    approved_at: approvedAt?.toISOString() ?? null,
    plan_hash: approvedHash,
  };
}
