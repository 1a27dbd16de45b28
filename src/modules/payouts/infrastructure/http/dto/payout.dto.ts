import { ApiProperty } from '@nestjs/swagger';
import { currencyOf, Money } from '../../../../../kernel/money';
import { RAILS } from '../../../../transfers/contract';
import type { PayoutEventView } from '../../../application/list-payout-events.query';
import { PAYOUT_STATUSES, type PayoutStatus } from '../../../contract';
import type { PayoutSnapshot } from '../../../domain/payout';

export class PayoutDto {
  @ApiProperty({ format: 'uuid', example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10' }) id: string;
  @ApiProperty({ format: 'uuid', example: '0198b0f2-6a10-7c44-8e21-5d1c0a9b7f32' }) recipient_id: string;
  @ApiProperty({ example: '100.50' }) amount: string;
  @ApiProperty({ example: 'USD' }) currency: string;
  @ApiProperty({ enum: PAYOUT_STATUSES, example: 'NEW' }) status: PayoutStatus;
  @ApiProperty({ nullable: true, type: String, example: null, description: 'Why it ended without payment.' })
  reason: string | null;
  @ApiProperty({ enum: RAILS, example: 'stripe' }) rail: string;
  @ApiProperty({
    example: 'Ann Example',
    description: 'The name at creation. The other two snapshots are from then, too.',
  })
  recipient_name_snapshot: string;
  @ApiProperty({ nullable: true, type: String, example: '****3000', description: 'Masked.' })
  account_number_snapshot: string | null;
  @ApiProperty({ nullable: true, type: String, example: 'COBADEFFXXX' }) bank_code_snapshot: string | null;
  @ApiProperty({ nullable: true, type: String, example: 'Invoice 2041' }) description: string | null;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, example: { order: '7001' } })
  metadata: Record<string, string>;
  @ApiProperty({
    format: 'uuid',
    nullable: true,
    type: String,
    description: 'The transfer that pays it, from PROCESSING on: GET /transfers/{id}.',
  })
  transfer_id: string | null;
  @ApiProperty({ format: 'date-time', example: '2025-11-21T08:00:00.000Z' }) created_at: string;
  @ApiProperty({ format: 'date-time', example: '2025-11-21T08:00:00.000Z' }) updated_at: string;
  @ApiProperty({ format: 'date-time', nullable: true, type: String }) finished_at: string | null;
}

export class PayoutEventDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({
    enum: ['created', 'status_changed', 'paid_late', 'reversed'],
    example: 'status_changed',
    description:
      '`paid_late`: the provider turned out to have paid a payout that had failed. `reversed`: money came back.',
  })
  type: string;
  @ApiProperty({ enum: PAYOUT_STATUSES, nullable: true, type: String, example: 'PROCESSING' })
  from: PayoutStatus | null;
  @ApiProperty({ enum: PAYOUT_STATUSES, example: 'COMPLETED' }) to: PayoutStatus;
  @ApiProperty({ nullable: true, type: String, example: null }) reason: string | null;
  @ApiProperty({ example: 'worker', description: '`worker`, or `api_key:` or `user:` with an id.' })
  actor: string;
  @ApiProperty({ format: 'date-time' }) occurred_at: string;
}

export function payoutDto(p: PayoutSnapshot): PayoutDto {
  return {
    id: p.id,
    recipient_id: p.recipientId,
    amount: Money.of(p.amountMinor, currencyOf(p.currency)).toText(),
    currency: p.currency,
    status: p.status,
    reason: p.reason,
    rail: p.rail,
    recipient_name_snapshot: p.recipientName,
    account_number_snapshot: p.accountTail === null ? null : `****${p.accountTail}`,
    bank_code_snapshot: p.bankCode,
    description: p.description,
    metadata: p.metadata,
    transfer_id: p.transferId,
    created_at: p.createdAt.toISOString(),
    updated_at: p.updatedAt.toISOString(),
    finished_at: p.finishedAt?.toISOString() ?? null,
  };
}

export function payoutEventDto({ id, kind, from, to, reason, actor, at }: PayoutEventView): PayoutEventDto {
  return { id, type: kind, from, to, reason, actor, occurred_at: at.toISOString() };
}
