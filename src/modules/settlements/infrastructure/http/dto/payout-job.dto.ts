import { ApiProperty } from '@nestjs/swagger';
import type { JobProgress } from '../../../../transfers/contract';
import type { RetriedJob } from '../../../application/retry-payout-job';
import {
  PAYOUT_JOB_STATUSES,
  type PayoutJobSnapshot,
  type PayoutJobStatus,
} from '../../../domain/payout-job';

export class PayoutJobDto {
  @ApiProperty({ format: 'uuid', example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10' }) id: string;
  @ApiProperty({ format: 'uuid' }) settlement_id: string;
  @ApiProperty({ format: 'uuid' }) rail_account_id: string;
  @ApiProperty({ enum: PAYOUT_JOB_STATUSES, example: 'processing' }) status: PayoutJobStatus;
  @ApiProperty({ example: 3, description: 'Awards to be paid.' }) total: number;
  @ApiProperty({ example: 3, description: 'Awards that have their transfer.' }) expanded: number;
  @ApiProperty({ format: 'date-time' }) created_at: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) started_at: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) completed_at: string | null;
}

export class PayoutJobDetailDto extends PayoutJobDto {
  @ApiProperty({ example: 2 }) completed: number;
  @ApiProperty({ example: 0 }) failed: number;
  @ApiProperty({ example: 1, description: 'Transfers without a final status, including those under review.' })
  open: number;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { completed: 2, waiting_for_funds: 1 },
    description: 'Transfers by status.',
  })
  counts: Record<string, number>;
}

export class RejectedRetryDto {
  @ApiProperty({ format: 'uuid' }) transfer_id: string;
  @ApiProperty({ example: 'transfer_in_flight' }) code: string;
}

export class RetriedJobDto extends PayoutJobDetailDto {
  @ApiProperty({
    example: 2,
    description: 'Failed transfers that were reopened, at most 100 per request.',
  })
  retried: number;
  @ApiProperty({ type: [RejectedRetryDto] }) refused: RejectedRetryDto[];
}

export function payoutJobDto(job: PayoutJobSnapshot): PayoutJobDto {
  return {
    id: job.id,
    settlement_id: job.settlementId,
    rail_account_id: job.railAccountId,
    status: job.status,
    total: job.total,
    expanded: job.expandedThrough,
    created_at: job.createdAt.toISOString(),
    started_at: job.startedAt?.toISOString() ?? null,
    completed_at: job.completedAt?.toISOString() ?? null,
  };
}

export function payoutJobDetailDto({
  job,
  progress,
}: {
  job: PayoutJobSnapshot;
  progress: JobProgress;
}): PayoutJobDetailDto {
  const { counts, completed, failed, open } = progress;
  return Object.assign(payoutJobDto(job), { completed, failed, open, counts });
}

export function retriedJobDto(
  detail: { job: PayoutJobSnapshot; progress: JobProgress },
  { retried, refused }: RetriedJob,
): RetriedJobDto {
  return Object.assign(payoutJobDetailDto(detail), {
    retried,
    refused: refused.map(({ transferId, code }) => ({ transfer_id: transferId, code })),
  });
}
