import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, Length, Matches } from 'class-validator';
import { currencyOf, Money } from '../../../../../kernel/money';
import { IsId } from '../../../../../platform/http';
import { PageQueryDto } from '../../../../../platform/pagination';
import {
  POSTINGS_SHOWN_MAX,
  type EntryRow,
  type PostedAccount,
  type PostingRow,
} from '../../../application/list-entries.query';
import { ACCOUNT_KINDS } from '../../../contract';

export class EntryQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ example: 'settlement:0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10:recorded' })
  @IsOptional()
  @IsString()
  @Length(1, 400)
  @Matches(/^[^\p{Cc}\p{Cs}]*$/u, { message: 'reference must not contain control characters' })
  reference?: string;

  @ApiPropertyOptional({ example: 'transfer_completed' })
  @IsOptional()
  @Matches(/^[a-z][a-z_]{0,63}$/, { message: 'kind must be words such as transfer_completed' })
  kind?: string;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'The id of a ledger account: returns its entries, with its postings only.',
  })
  @IsOptional()
  @IsId()
  account?: string;
}

export class PostedAccountDto {
  @ApiProperty({ format: 'uuid', example: '64201213-ab11-bb79-7862-89e2a416eef8' }) id: string;
  @ApiProperty({ enum: ACCOUNT_KINDS, example: 'reserved' }) kind: string;
  @ApiProperty({
    format: 'uuid',
    nullable: true,
    type: String,
    example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10',
  })
  owner: string | null;
  @ApiProperty({ enum: ['award', 'payout', 'reward'], nullable: true, type: String, example: 'award' })
  purpose: string | null;
}

export class PostingDto {
  @ApiProperty({ type: PostedAccountDto }) from: PostedAccount;
  @ApiProperty({ type: PostedAccountDto }) to: PostedAccount;
  @ApiProperty({ example: '450.00' }) amount: string;
  @ApiProperty({ example: 'USD' }) currency: string;
}

export class EntryDto {
  @ApiProperty({ format: 'uuid', example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e11' }) id: string;
  @ApiProperty({ example: 'transfer:0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10:completed' }) reference: string;
  @ApiProperty({ example: 'transfer_completed' }) kind: string;
  @ApiProperty({ example: 'worker' }) actor: string;
  @ApiProperty({ format: 'date-time', example: '2026-11-20T10:15:00.000Z', description: 'When it happened.' })
  occurred_at: string;
  @ApiProperty({
    format: 'date-time',
    example: '2026-11-20T10:15:00.214Z',
    description: 'When it was posted.',
  })
  created_at: string;
  @ApiProperty({
    example: 1,
    description: 'The number of postings of the entry, also if fewer are returned.',
  })
  posting_count: number;
  @ApiProperty({ type: [PostingDto], description: `At most ${POSTINGS_SHOWN_MAX}.` }) postings: PostingDto[];

  static of(row: EntryRow): EntryDto {
    const { id, reference, kind, actor, posting_count } = row;
    const times = { occurred_at: row.occurred_at.toISOString(), created_at: row.created_at.toISOString() };
    return { id, reference, kind, actor, ...times, posting_count, postings: row.postings.map(postingDto) };
  }
}

function postingDto({ from_account: from, to_account: to, minor, currency }: PostingRow): PostingDto {
  return { from, to, amount: Money.of(minor, currencyOf(currency)).toText(), currency };
}
