import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, Length, Matches } from 'class-validator';
import { type Comparison, msBound } from '../../../../../kernel/time-bounds';
import { IsBooleanText, IsOneOf, IsTimestamp } from '../../../../../platform/http';
import { PageQueryDto } from '../../../../../platform/pagination';
import type { ListedRecipient, RecipientFilters } from '../../../application/ports';
import {
  CAPABILITY_STATES,
  RECIPIENT_TYPES,
  type RecipientType,
  type TransfersCapability,
} from '../../../contract';
import { compact } from '../../../domain/bank-details';

export class RecipientQueryDto extends PageQueryDto {
  @ApiPropertyOptional({
    example: 'example',
    minLength: 2,
    maxLength: 100,
    description: 'A part of the name or of the external_id, in any case.',
  })
  @IsOptional()
  @Length(2, 100)
  search?: string;

  @ApiPropertyOptional({ example: 'player-7001' })
  @IsOptional()
  @Length(1, 255)
  external_id?: string;

  @ApiPropertyOptional({ example: 'Ann Example', description: 'The complete name.' })
  @IsOptional()
  @Length(1, 200)
  name?: string;

  @ApiPropertyOptional({ example: 'COBADEFFXXX' })
  @IsOptional()
  @Length(1, 80)
  bank_code?: string;

  @ApiPropertyOptional({ enum: RECIPIENT_TYPES })
  @IsOptional()
  @IsOneOf(RECIPIENT_TYPES)
  type?: RecipientType;

  @ApiPropertyOptional({ example: 'US' })
  @IsOptional()
  @Matches(/^[A-Za-z]{2}$/, { message: '$property must be two letters such as "US"' })
  country?: string;

  @ApiPropertyOptional({ enum: ['true', 'false'], example: 'true' })
  @IsOptional()
  @IsBooleanText()
  is_active?: boolean;

  @ApiPropertyOptional({ format: 'date-time', example: '2025-11-21T00:00:00Z' })
  @IsOptional()
  @IsTimestamp()
  'created_at[gte]'?: string;

  @ApiPropertyOptional({ format: 'date-time', example: '2025-11-21T00:00:00Z' })
  @IsOptional()
  @IsTimestamp()
  'created_at[gt]'?: string;

  @ApiPropertyOptional({ format: 'date-time', example: '2025-11-22T00:00:00Z' })
  @IsOptional()
  @IsTimestamp()
  'created_at[lte]'?: string;

  @ApiPropertyOptional({ format: 'date-time', example: '2025-11-22T00:00:00Z' })
  @IsOptional()
  @IsTimestamp()
  'created_at[lt]'?: string;

  filters(): RecipientFilters {
    return {
      externalId: this.external_id,
      name: this.name?.normalize('NFC').trim(),
      bankCode: this.bank_code && compact(this.bank_code),
      type: this.type,
      country: this.country?.toUpperCase(),
      isActive: this.is_active,
      createdGte: dateOf(Math.max(...this.bounds('gt', 'gte'))),
      createdLt: dateOf(Math.min(...this.bounds('lt', 'lte'))),
    };
  }

  private bounds(...comparisons: Comparison[]): number[] {
    return comparisons.flatMap((comparison) => {
      const time = this[`created_at[${comparison}]`];
      return time === undefined ? [] : [msBound(comparison, time)];
    });
  }
}

/** The greatest and the least of no bounds at all are infinite. */
function dateOf(ms: number): Date | undefined {
  return Number.isFinite(ms) ? new Date(ms) : undefined;
}

export class ConnectedAccountDto {
  @ApiProperty({ example: 'acct_1HxAbCdEfGhIjKl' })
  stripe_account_id: string;
  @ApiProperty({
    enum: CAPABILITY_STATES,
    example: 'active',
    description: 'As last read at Stripe; only active can be paid.',
  })
  transfers_capability: TransfersCapability;
  @ApiProperty({ example: '2025-11-21T08:00:00.000Z', format: 'date-time' })
  checked_at: string;
}

export class RecipientDto {
  @ApiProperty({ example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10', format: 'uuid' })
  id: string;
  @ApiProperty({ enum: RECIPIENT_TYPES, example: 'INDIVIDUAL' })
  type: RecipientType;
  @ApiProperty({ example: 'Ann Example' })
  name: string;
  @ApiProperty({ example: 'US' })
  country: string;
  @ApiProperty({ type: String, nullable: true, example: 'player-7001' })
  external_id: string | null;
  @ApiProperty({ type: String, nullable: true, example: '****3000', description: 'Masked.' })
  account_number: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'COBADEFFXXX' })
  bank_code: string | null;
  @ApiProperty({ example: true })
  is_active: boolean;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, example: { team: 'north' } })
  metadata: Record<string, string>;
  @ApiProperty({ type: ConnectedAccountDto, nullable: true })
  connected_account: ConnectedAccountDto | null;
  @ApiProperty({ example: '2025-11-21T08:00:00.000Z', format: 'date-time' })
  created_at: string;
  @ApiProperty({ example: '2025-11-21T08:00:00.000Z', format: 'date-time' })
  updated_at: string;

  static of(r: ListedRecipient): RecipientDto {
    return {
      id: r.id,
      type: r.type,
      name: r.name,
      country: r.country,
      external_id: r.externalId,
      account_number: maskedNumberOf(r),
      bank_code: r.bankCode,
      is_active: r.isActive,
      metadata: r.metadata,
      connected_account: connectedAccountOf(r),
      created_at: r.createdAt.toISOString(),
      updated_at: r.updatedAt.toISOString(),
    };
  }
}

export function maskedNumberOf({ accountTail }: ListedRecipient): string | null {
  return accountTail === null ? null : `****${accountTail}`;
}

export function connectedAccountOf({ connected }: ListedRecipient): ConnectedAccountDto | null {
  return (
    connected && {
      stripe_account_id: connected.stripeAccountId,
      transfers_capability: connected.transfersCapability,
      checked_at: connected.checkedAt.toISOString(),
    }
  );
}
