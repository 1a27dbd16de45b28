import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, Length, Matches } from 'class-validator';
import { Money, currencyOf } from '../../../../../kernel/money';
import { IsId, IsOneOf, IsPlainText } from '../../../../../platform/http';
import { PageQueryDto } from '../../../../../platform/pagination';
import type { TransferRow } from '../../../application/list-transfers.query';
import type { TransferDetail } from '../../../application/transfer-detail.query';
import { TRANSFER_STATUSES, type TransferStatus } from '../../../contract';

export class TransferQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ enum: TRANSFER_STATUSES })
  @IsOptional()
  @IsOneOf(TRANSFER_STATUSES)
  status?: TransferStatus;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsId()
  recipient_id?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'Id of a payout job.' })
  @IsOptional()
  @IsId()
  job?: string;
}

export class ReasonDto {
  @ApiProperty({ example: 'Recipient confirmed the new account by telephone', minLength: 3, maxLength: 500 })
  @IsPlainText(500, 3)
  reason: string;
}

export class MarkPaidDto extends ReasonDto {
  @ApiProperty({
    example: 'SEPA-2026-11-20-0042',
    description: "The bank's own reference of the payment.",
    maxLength: 100,
  })
  @IsString()
  @Length(1, 100)
  @Matches(/^[\x21-\x7e]+$/, { message: 'external_id must be visible ASCII characters' })
  external_id: string;
}

export class TransferDto {
  @ApiProperty({ format: 'uuid', example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10' }) id: string;
  @ApiProperty({ enum: TRANSFER_STATUSES, example: 'completed' }) status: TransferStatus;
  @ApiProperty({ example: '450.00' }) amount: string;
  @ApiProperty({ example: '0.00', description: 'How much of it came back from the provider.' })
  amount_reversed: string;
  @ApiProperty({ example: 'USD' }) currency: string;
  @ApiProperty({ format: 'uuid' }) recipient_id: string;
  @ApiProperty({ enum: ['stripe', 'manual'] }) rail: string;
  @ApiProperty({ format: 'uuid' }) rail_account_id: string;
  @ApiProperty({ enum: ['award', 'payout', 'reward'] }) purpose: string;
  @ApiProperty({ format: 'uuid', nullable: true, type: String }) settlement_id: string | null;
  @ApiProperty({ format: 'uuid', nullable: true, type: String }) payout_job_id: string | null;
  @ApiProperty({ example: 1, description: 'Idempotency keys used so far; 0 before the first call.' })
  generation: number;
  @ApiProperty({ example: 1, description: '1, and one more each time an operator re-opened it.' })
  openings: number;
  @ApiProperty({ example: 2, description: 'Calls made to the provider.' }) attempt_count: number;
  @ApiProperty({
    nullable: true,
    type: String,
    example: null,
    description: 'Why it is not paid: a stable code, or null.',
  })
  reason: string | null;
  @ApiProperty({ nullable: true, type: String, example: null }) provider_code: string | null;
  @ApiProperty({ nullable: true, type: String, example: 'tr_1QabcdEfGhIjKlMn' }) stripe_transfer_id:
    string | null;
  @ApiProperty({ nullable: true, type: String, description: "The bank's reference, on the manual rail." })
  external_id: string | null;
  @ApiProperty({ format: 'date-time', nullable: true, type: String, description: 'When it is tried next.' })
  due_at: string | null;
  @ApiProperty({ format: 'date-time' }) created_at: string;
  @ApiProperty({ format: 'date-time', nullable: true, type: String }) completed_at: string | null;
}

export class AttemptDto {
  @ApiProperty({ example: 1 }) number: number;
  @ApiProperty({ enum: ['send', 'look_up'] }) call: string;
  @ApiProperty({ example: 1 }) generation: number;
  @ApiProperty({ example: 'transfer:0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10:g1' }) key: string;
  @ApiProperty({
    nullable: true,
    type: String,
    example: 'succeeded',
    description: 'Null while the call runs.',
  })
  outcome: string | null;
  @ApiProperty({ nullable: true, type: Number, example: 200 }) http_status: number | null;
  @ApiProperty({ nullable: true, type: String }) provider_code: string | null;
  @ApiProperty({ nullable: true, type: String, example: 'req_8sXh2QpLk1' }) provider_request_id:
    string | null;
  @ApiProperty({ nullable: true, type: String }) reason: string | null;
  @ApiProperty({ format: 'date-time' }) started_at: string;
  @ApiProperty({ format: 'date-time', nullable: true, type: String }) finished_at: string | null;
}

export class TransitionDto {
  @ApiProperty({ example: 'unknown' }) from: string;
  @ApiProperty({ example: 'completed' }) to: string;
  @ApiProperty({ example: 1 }) opening: number;
  @ApiProperty({ example: 1 }) generation: number;
  @ApiProperty({ nullable: true, type: String }) reason: string | null;
  @ApiProperty({ example: 'worker' }) actor: string;
  @ApiProperty({ format: 'date-time' }) occurred_at: string;
}

export class EvidenceDto {
  @ApiProperty({ example: 'tr_1QabcdEfGhIjKlMn' }) provider_transfer_id: string;
  @ApiProperty({ enum: ['answer', 'late_answer', 'look_up', 'event', 'operator'] }) source: string;
  @ApiProperty({ example: '450.00' }) amount: string;
  @ApiProperty({ example: 'USD' }) currency: string;
  @ApiProperty({ format: 'date-time' }) recorded_at: string;
}

export class TransferDetailDto extends TransferDto {
  @ApiProperty({ type: [AttemptDto] }) attempts: AttemptDto[];
  @ApiProperty({ type: [TransitionDto] }) transitions: TransitionDto[];
  @ApiProperty({ type: [EvidenceDto] }) evidence: EvidenceDto[];
}

export function transferDto(row: TransferRow): TransferDto {
  return {
    id: row.id,
    status: row.state,
    amount: textOf(row.amount_minor, row.currency),
    amount_reversed: textOf(row.amount_reversed_minor, row.currency),
    currency: row.currency,
    recipient_id: row.recipient_id,
    rail: row.rail,
    rail_account_id: row.rail_account_id,
    purpose: row.purpose,
    settlement_id: row.settlement_id,
    payout_job_id: row.job_id,
    generation: row.generation,
    openings: row.opening,
    attempt_count: row.attempts,
    reason: row.reason,
    provider_code: row.provider_code,
    stripe_transfer_id: row.rail === 'stripe' ? row.provider_transfer_id : null,
    external_id: row.rail === 'manual' ? row.provider_transfer_id : null,
    due_at: timeOf(row.due_at),
    created_at: row.created_at.toISOString(),
    completed_at: timeOf(row.completed_at),
  };
}

export function transferDetailDto({
  transfer,
  attempts,
  transitions,
  evidence,
}: TransferDetail): TransferDetailDto {
  return {
    ...transferDto(transfer),
    attempts: attempts.map(({ call_kind, destination: _destination, started_at, finished_at, ...rest }) => ({
      ...rest,
      call: call_kind,
      started_at: started_at.toISOString(),
      finished_at: timeOf(finished_at),
    })),
    transitions: transitions.map(({ from_state, to_state, occurred_at, ...rest }) => ({
      ...rest,
      from: from_state,
      to: to_state,
      occurred_at: occurred_at.toISOString(),
    })),
    evidence: evidence.map(({ provider_transfer_id, source, amount_minor, currency, recorded_at }) => ({
      provider_transfer_id,
      source,
      amount: textOf(amount_minor, currency),
      currency,
      recorded_at: recorded_at.toISOString(),
    })),
  };
}

function textOf(minor: bigint, currency: string): string {
  return Money.of(minor, currencyOf(currency)).toText();
}

function timeOf(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
