import { ApiProperty } from '@nestjs/swagger';

export class ApiKeySelfDto {
  @ApiProperty({ format: 'uuid', example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10' })
  id: string;
  @ApiProperty({ example: 'production' })
  name: string;
  @ApiProperty({ example: 'dk_9hT2kQ0a', description: 'The start of the secret, to recognise the key by.' })
  prefix: string;
  @ApiProperty({ type: [String], example: ['settlements:*', 'transfers:read'] })
  scopes: string[];
  @ApiProperty({ format: 'uuid', example: '0198b0f0-11d2-7c55-8a01-6f1d2c3b4a59' })
  tenant_id: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  expires_at: string | null;
  @ApiProperty({ format: 'date-time', example: '2025-11-21T08:00:00.000Z' })
  created_at: string;
}
