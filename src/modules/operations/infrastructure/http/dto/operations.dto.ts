import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsOptional, Matches } from 'class-validator';
import { currencyOf, Money } from '../../../../../kernel/money';
import { IsIntegerText } from '../../../../../platform/http';
import type { RunReport, JobHealth } from '../../../../../platform/schedule';
import type { AwaitingApproval } from '../../../../settlements';
import type { StuckTransfer } from '../../../../transfers';
import type { FundingLine } from '../../../application/show-funding.query';

export class RunSchedulerDto {
  @ApiPropertyOptional({
    type: [String],
    example: ['expand-settlements'],
    description: 'Names of jobs. Default: all jobs that can run for one tenant.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @Matches(/^[a-z0-9-]{1,64}$/, { each: true, message: 'jobs must be names such as "expand-settlements"' })
  jobs?: string[];
}

export class SkippedDto {
  @ApiProperty({ example: 'rail_account_missing' }) reason: string;
  @ApiProperty({ example: 1 }) count: number;
}

export class JobRunDto {
  @ApiProperty({ example: 'expand-settlements' }) name: string;
  @ApiProperty({ example: 3 }) found: number;
  @ApiProperty({ example: 2 }) done: number;
  @ApiProperty({ example: 0 }) failed: number;
  @ApiProperty({ type: [SkippedDto] }) skipped: SkippedDto[];
}

export class SchedulerRunDto {
  @ApiProperty({ format: 'uuid' }) run_id: string;
  @ApiProperty({ type: [JobRunDto] }) jobs: JobRunDto[];
}

export class JobHealthDto {
  @ApiProperty({ example: 'expand-settlements' }) name: string;
  @ApiProperty({ example: 300000 }) every_ms: number;
  @ApiProperty({ example: false }) running: boolean;
  @ApiProperty({ format: 'date-time', nullable: true, type: String }) last_started_at: string | null;
  @ApiProperty({ format: 'date-time', nullable: true, type: String }) last_success_at: string | null;
  @ApiProperty({ format: 'date-time', nullable: true, type: String }) last_error_at: string | null;
}

export class JobsHealthDto {
  @ApiProperty({ type: [JobHealthDto] }) jobs: JobHealthDto[];
}

export class StuckQueryDto {
  @ApiPropertyOptional({
    example: 15,
    default: 15,
    minimum: 0,
    maximum: 100000,
    description: 'Minimum age of the request in minutes.',
  })
  @IsOptional()
  @IsIntegerText(0, 100_000)
  minutes?: number;
}

export class StuckTransferDto {
  @ApiProperty({ format: 'uuid' }) transfer_id: string;
  @ApiProperty({ example: 'waiting_for_funds' }) status: string;
  @ApiProperty({ nullable: true, type: String, example: 'insufficient_funds' }) reason: string | null;
  @ApiProperty({ example: '450.00' }) amount: string;
  @ApiProperty({ example: 'USD' }) currency: string;
  @ApiProperty({ format: 'uuid' }) recipient_id: string;
  @ApiProperty({ format: 'uuid', nullable: true, type: String }) payout_job_id: string | null;
  @ApiProperty({ format: 'date-time' }) created_at: string;
  @ApiProperty({ format: 'date-time', nullable: true, type: String }) due_at: string | null;
}

export class AwaitingApprovalDto {
  @ApiProperty({ example: 1 }) count: number;
  @ApiProperty({ format: 'uuid', nullable: true, type: String }) oldest_settlement_id: string | null;
  @ApiProperty({ format: 'date-time', nullable: true, type: String }) oldest_recorded_at: string | null;
}

export class DiagnosticsDto {
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { completed: 198, waiting_for_funds: 2 },
  })
  counts: Record<string, number>;
  @ApiProperty({ type: [StuckTransferDto], description: 'Oldest first, at most 25.' })
  stuck: StuckTransferDto[];
  @ApiProperty({
    type: AwaitingApprovalDto,
    description: 'Settlements above the limit that wait for approval.',
  })
  awaiting_approval: AwaitingApprovalDto;
}

export class FundingLineDto {
  @ApiProperty({ format: 'uuid' }) rail_account_id: string;
  @ApiProperty({ example: 'USD' }) currency: string;
  @ApiProperty({ nullable: true, type: String, example: '120.00' }) available: string | null;
  @ApiProperty({ nullable: true, type: String, enum: ['provider', 'cached'] }) source: string | null;
  @ApiProperty({ format: 'date-time', nullable: true, type: String }) as_of: string | null;
  @ApiProperty({ example: '450.00' }) waiting: string;
  @ApiProperty({ example: 1 }) waiting_count: number;
  @ApiProperty({ example: '330.00' }) missing: string;
  @ApiProperty({ format: 'date-time', nullable: true, type: String }) oldest: string | null;
}

export class FundingDto {
  @ApiProperty({ type: [FundingLineDto] }) accounts: FundingLineDto[];
}

/** A job that broke off says so as one failure: its error text may name what is not this tenant's. */
export function jobRunDto(report: RunReport): JobRunDto {
  const { found, done, failed, skipped } = report.summary ?? { found: 0, done: 0, failed: 1, skipped: [] };
  return {
    name: report.name,
    found,
    done,
    failed,
    skipped: skipped.map(({ reason, count }) => ({ reason, count })),
  };
}

/** No counts: they are the installation's, and would tell one tenant how busy another is. */
export function jobHealthDto(job: JobHealth): JobHealthDto {
  return {
    name: job.name,
    every_ms: job.everyMs,
    running: job.running,
    last_started_at: timeOf(job.lastStartedAt),
    last_success_at: timeOf(job.lastSuccessAt),
    last_error_at: timeOf(job.lastErrorAt),
  };
}

export function stuckDto(t: StuckTransfer): StuckTransferDto {
  return {
    transfer_id: t.id,
    status: t.state,
    reason: t.reason,
    amount: textOf(t.amount_minor, t.currency),
    currency: t.currency,
    recipient_id: t.recipient_id,
    payout_job_id: t.job_id,
    created_at: t.created_at.toISOString(),
    due_at: timeOf(t.due_at),
  };
}

export function awaitingApprovalDto({ count, oldest }: AwaitingApproval): AwaitingApprovalDto {
  return {
    count,
    oldest_settlement_id: oldest?.id ?? null,
    oldest_recorded_at: timeOf(oldest?.recorded_at ?? null),
  };
}

export function fundingLineDto(line: FundingLine): FundingLineDto {
  return {
    rail_account_id: line.railAccountId,
    currency: line.currency,
    available: line.availableMinor === null ? null : textOf(line.availableMinor, line.currency),
    source: line.source,
    as_of: timeOf(line.asOf),
    waiting: textOf(line.waitingMinor, line.currency),
    waiting_count: line.waitingCount,
    missing: textOf(line.missingMinor, line.currency),
    oldest: timeOf(line.oldest),
  };
}

function textOf(minor: bigint, currency: string): string {
  return Money.of(minor, currencyOf(currency)).toText();
}

function timeOf(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
