import { ApiProperty } from '@nestjs/swagger';
import type { LedgerVerification } from '../../../contract';

export class DifferenceDto {
  @ApiProperty({
    example: 'reserved:0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10:award:USD',
    description: 'The account, entry or currency that differs.',
  })
  subject: string;
  @ApiProperty({ example: '45000', description: 'Amounts are in minor units.' }) expected: string;
  @ApiProperty({ example: '44999' }) actual: string;
}

export class LedgerCheckDto {
  @ApiProperty({ example: 'stored_balance' }) check: string;
  @ApiProperty({ example: 1204, description: 'How many items were compared.' }) compared: number;
  @ApiProperty({ example: 0 }) differing: number;
  @ApiProperty({ type: [DifferenceDto], description: 'The first hundred.' }) differences: DifferenceDto[];
}

export class LedgerVerificationDto {
  @ApiProperty({ example: true, description: 'True if no check found a difference.' }) balanced: boolean;
  @ApiProperty({ type: [LedgerCheckDto] }) checks: LedgerCheckDto[];

  static of({ balanced, checks }: LedgerVerification): LedgerVerificationDto {
    return {
      balanced,
      checks: checks.map(({ check, compared, differing, differences }) => ({
        check,
        compared,
        differing,
        differences: differences.map(({ subject, expected, actual }) => ({ subject, expected, actual })),
      })),
    };
  }
}
