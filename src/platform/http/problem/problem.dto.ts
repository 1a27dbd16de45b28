import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** The one shape of every refusal (RFC 9457). */
export class ProblemDto {
  @ApiProperty({ example: 'urn:disburse:problem:validation_failed', description: 'One URN for each code.' })
  type: string;
  @ApiProperty({ example: 'Validation failed' })
  title: string;
  @ApiProperty({ example: 422 })
  status: number;
  @ApiProperty({ example: 'One field is not valid.' })
  detail: string;
  @ApiProperty({ example: '/api/v1/settlements', description: 'The path that was asked for.' })
  instance: string;
  @ApiProperty({ example: 'validation_failed', description: 'Stable and snake_case: decide by this.' })
  code: string;
  @ApiProperty({
    example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10',
    description: 'Also in the header X-Request-Id.',
  })
  request_id: string;
  @ApiPropertyOptional({
    description: 'Field path to its messages.',
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'string' } },
    example: {
      'awards[3].amount': [
        'awards[3].amount must be decimal text such as "100.50", at most 99999999999.99, without sign, exponent, spaces or separators of thousands',
      ],
    },
  })
  errors?: Record<string, string[]>;
}
