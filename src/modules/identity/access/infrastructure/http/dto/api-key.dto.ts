import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
} from 'class-validator';
import { IsFutureTimestamp } from '../../../../../../platform/http';
import { type ApiKey, NAME_MAX, OVERLAP_MAX_S } from '../../../domain/api-key';

const SCOPES_MAX = 50;
const RATE_LIMIT_MAX = 1_000_000;
const OWN_LIMIT =
  'A limit of this key, below that of the installation. All processes share it through Redis; without ' +
  'Redis, reads are not limited and writes are limited per process.';

export class ApiKeyMakerDto {
  @ApiProperty({ enum: ['api_key', 'user', 'system'], example: 'user' })
  kind: string;
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    example: '0198b0f0-aaaa-7c55-8a01-6f1d2c3b4a59',
  })
  id: string | null;
  @ApiProperty({ example: 'Ann Example' })
  name: string;
}

export class ApiKeyDto {
  @ApiProperty({ format: 'uuid', example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10' })
  id: string;
  @ApiProperty({ example: 'production' })
  name: string;
  @ApiProperty({
    example: 'dk_9hT2kQ0a',
    description: 'The start of the secret, by which the key is recognised.',
  })
  prefix: string;
  @ApiProperty({ type: [String], example: ['settlements:*', 'transfers:read'] })
  scopes: string[];
  @ApiProperty({ format: 'uuid', example: '0198b0f0-11d2-7c55-8a01-6f1d2c3b4a59' })
  tenant_id: string;
  @ApiProperty({ type: ApiKeyMakerDto })
  created_by: ApiKeyMakerDto;
  @ApiProperty({ type: Number, nullable: true, example: null, description: OWN_LIMIT })
  rate_limit_per_minute: number | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  expires_at: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  revoked_at: string | null;
  @ApiProperty({ format: 'date-time', example: '2025-11-21T08:00:00.000Z' })
  created_at: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  rotated_at: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'The secret before the last rotation works until then.',
  })
  previous_secret_until: string | null;
  @ApiProperty({
    example: 1024,
    description: 'Requests with this key. Updated every few seconds.',
  })
  usage_count: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2025-11-21T08:05:00.000Z' })
  last_used_at: string | null;

  static of(key: ApiKey): ApiKeyDto {
    return {
      id: key.id,
      name: key.name,
      prefix: key.prefix,
      scopes: [...key.scopes],
      tenant_id: key.tenantId,
      created_by: key.createdBy,
      rate_limit_per_minute: key.rateLimitPerMinute,
      expires_at: key.expiresAt?.toISOString() ?? null,
      revoked_at: key.revokedAt?.toISOString() ?? null,
      created_at: key.createdAt.toISOString(),
      rotated_at: key.rotatedAt?.toISOString() ?? null,
      previous_secret_until: key.previousUntil?.toISOString() ?? null,
      usage_count: Number(key.usageCount),
      last_used_at: key.lastUsedAt?.toISOString() ?? null,
    };
  }
}

export class ApiKeySecretDto extends ApiKeyDto {
  @ApiProperty({
    example: 'dk_9hT2kQ0aXw4nBv7mCz1sLd8fGh3jKp5qRt6yUe2o',
    description: 'Returned only once; only its hash is stored.',
  })
  secret: string;
}

export class CreateApiKeyDto {
  @ApiProperty({ example: 'production', minLength: 1, maxLength: NAME_MAX })
  @IsString()
  @Length(1, NAME_MAX)
  name: string;

  @ApiProperty({
    type: [String],
    example: ['settlements:*', 'transfers:read'],
    description: 'Only scopes that you have yourself.',
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(SCOPES_MAX)
  @IsString({ each: true })
  scopes: string[];

  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true, example: '2099-01-31T12:00:00Z' })
  @IsOptional()
  @IsFutureTimestamp()
  expires_at?: string | null;

  @ApiPropertyOptional({
    type: Number,
    nullable: true,
    example: 600,
    minimum: 1,
    maximum: RATE_LIMIT_MAX,
    description: OWN_LIMIT,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(RATE_LIMIT_MAX)
  rate_limit_per_minute?: number | null;
}

export class RotateApiKeyDto {
  @ApiPropertyOptional({
    example: 3_600,
    default: 0,
    minimum: 0,
    maximum: OVERLAP_MAX_S,
    description: 'Seconds for which the previous secret still works.',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(OVERLAP_MAX_S)
  overlap_s?: number;
}
