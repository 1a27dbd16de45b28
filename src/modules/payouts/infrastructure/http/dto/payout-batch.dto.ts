import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { DomainError } from '../../../../../kernel/errors';
import type { PayoutSnapshot } from '../../../domain/payout';
import { payoutDto, PayoutDto } from './payout.dto';

export class BatchErrorDto {
  @ApiProperty({ example: 'recipient_inactive' }) code: string;
  @ApiProperty({ example: 'This recipient is not active.' }) detail: string;
}

export class BatchResultDto {
  @ApiProperty({ example: 0, description: 'Position in the request, from 0.' }) index: number;
  @ApiPropertyOptional({ type: PayoutDto }) payout?: PayoutDto;
  @ApiPropertyOptional({
    type: BatchErrorDto,
    description: 'Why the payout was not created. Present instead of `payout`.',
  })
  error?: BatchErrorDto;
}

export class PayoutBatchDto {
  @ApiProperty({ example: 1 }) created: number;
  @ApiProperty({ example: 1 }) refused: number;
  @ApiProperty({ type: [BatchResultDto], description: 'In the order of the request.' })
  results: BatchResultDto[];
}

export function payoutBatchDto(outcomes: readonly (PayoutSnapshot | DomainError)[]): PayoutBatchDto {
  const results = outcomes.map((outcome, index): BatchResultDto =>
    outcome instanceof Error
      ? { index, error: { code: outcome.code, detail: outcome.message } }
      : { index, payout: payoutDto(outcome) },
  );
  const refused = results.filter(({ error }) => error).length;
  return { created: results.length - refused, refused, results };
}
