import { ApiProperty } from '@nestjs/swagger';
import { currencyOf, Money } from '../../../../../kernel/money';
import type { AwardView } from '../../../application/list-settlements.query';

export class TieDto {
  @ApiProperty({ example: 1 }) first_place: number;
  @ApiProperty({ example: 2 }) last_place: number;
  @ApiProperty({ example: 2 }) shared_by: number;
}

export class ExplanationDto {
  @ApiProperty({ example: '333.33', description: 'The exact share, rounded down.' }) gross: string;
  @ApiProperty({ example: '0.01', description: 'Added by the largest-remainder method.' }) rounding: string;
  @ApiProperty({ type: TieDto, nullable: true }) tie: TieDto | null;
}

export class AwardDto {
  @ApiProperty({ format: 'uuid', example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10' }) id: string;
  @ApiProperty({ example: 0 }) position: number;
  @ApiProperty({ format: 'uuid' }) recipient_id: string;
  @ApiProperty({ example: '450.00' }) amount: string;
  @ApiProperty({ type: Number, nullable: true, example: 1 }) rank: number | null;
  @ApiProperty({ type: ExplanationDto, nullable: true, description: 'For computed settlements.' })
  explanation: ExplanationDto | null;
}

export function awardDto(currency: string): (award: AwardView) => AwardDto {
  return ({ id, position, recipientId, amountMinor, rank, explanation }) => ({
    id,
    position,
    recipient_id: recipientId,
    amount: textOf(amountMinor, currency),
    rank,
    explanation:
      explanation &&
      explanationDto(
        { gross: BigInt(explanation.gross), rounding: BigInt(explanation.rounding), tie: explanation.tie },
        currency,
      ),
  });
}

export function explanationDto(
  {
    gross,
    rounding,
    tie,
  }: {
    gross: bigint;
    rounding: bigint;
    tie: { readonly places: readonly [number, number]; readonly sharedBy: number } | null;
  },
  currency: string,
): ExplanationDto {
  return {
    gross: textOf(gross, currency),
    rounding: textOf(rounding, currency),
    tie: tie && { first_place: tie.places[0], last_place: tie.places[1], shared_by: tie.sharedBy },
  };
}

export function textOf(minor: bigint, currency: string): string {
  return Money.of(minor, currencyOf(currency)).toText();
}
