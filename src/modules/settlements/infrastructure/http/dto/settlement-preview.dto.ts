import { ApiProperty } from '@nestjs/swagger';
import type { SettlementPlan } from '../../../domain/plan';
import { ExplanationDto, explanationDto, textOf } from './award.dto';
import { ExclusionDto } from './settlement.dto';

export class PlannedAwardDto {
  @ApiProperty({ example: 0 }) position: number;
  @ApiProperty({ format: 'uuid' }) recipient_id: string;
  @ApiProperty({ example: '450.00' }) amount: string;
  @ApiProperty({ type: Number, nullable: true, example: 1 }) rank: number | null;
  @ApiProperty({ type: ExplanationDto }) explanation: ExplanationDto;
}

export class SettlementPreviewDto {
  @ApiProperty({
    description: 'Send it as `plan_hash` when you record the settlement: a different plan is then rejected.',
  })
  plan_hash: string;
  @ApiProperty({ example: 'contest-2041' }) contest_id: string;
  @ApiProperty({ example: 'USD' }) currency: string;
  @ApiProperty({ example: '1000.00' }) pool: string;
  @ApiProperty({ example: '100.00' }) platform_share: string;
  @ApiProperty({ example: '0.00' }) remainder: string;
  @ApiProperty({
    example: '900.00',
    description: 'What your balance at the provider must cover to pay all awards.',
  })
  platform_balance_needed: string;
  @ApiProperty({ type: [PlannedAwardDto] }) awards: PlannedAwardDto[];
  @ApiProperty({ type: [ExclusionDto] }) exclusions: ExclusionDto[];
}

export function settlementPreviewDto(plan: SettlementPlan): SettlementPreviewDto {
  const text = (minor: bigint) => textOf(minor, plan.currency);
  return {
    plan_hash: plan.hash,
    contest_id: plan.contestId,
    currency: plan.currency,
    pool: text(plan.pool),
    platform_share: text(plan.platformShare),
    remainder: text(plan.remainder),
    platform_balance_needed: text(plan.pool - plan.platformShare - plan.remainder),
    awards: plan.awards.map(({ position, payee, amount, rank, explanation }) => ({
      position,
      recipient_id: payee,
      amount: text(amount),
      rank: rank ?? null,
      explanation: explanationDto(explanation, plan.currency),
    })),
    exclusions: plan.exclusions.map(({ payee, reason }) => ({ recipient_id: payee, reason })),
  };
}
