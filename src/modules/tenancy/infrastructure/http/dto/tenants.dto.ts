import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, Length, Matches } from 'class-validator';
import { IsOneOf, IsPlainText } from '../../../../../platform/http';
import { PageQueryDto } from '../../../../../platform/pagination';
import { TENANT_STATUSES, type Tenant, type TenantStatus } from '../../../contract';

export class CreateTenantDto {
  @ApiProperty({ example: 'Acme Contests', minLength: 1, maxLength: 200 })
  @IsPlainText(200)
  name: string;
}

export class TenantReasonDto {
  @ApiProperty({
    example: 'Invoice 2041 is unpaid since October',
    minLength: 1,
    maxLength: 500,
    description: 'Recorded in the audit log of the tenant.',
  })
  @IsPlainText(500)
  reason: string;
}

export class TenantQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ enum: TENANT_STATUSES })
  @IsOptional()
  @IsOneOf(TENANT_STATUSES)
  status?: TenantStatus;

  @ApiPropertyOptional({
    example: 'acme',
    minLength: 1,
    maxLength: 200,
    description: 'The start of the name; case is ignored.',
  })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  name?: string;

  @ApiPropertyOptional({ example: 'acme-contests-2f6f0b1c4e10' })
  @IsOptional()
  @Matches(/^[a-z0-9][a-z0-9-]{0,62}$/, {
    message: 'slug must look like "acme-contests-2f6f0b1c4e10"',
  })
  slug?: string;
}

export class TenantDto {
  @ApiProperty({ format: 'uuid', example: '4f1d2c3b-9a5e-8c55-8a01-2f6f0b1c4e10' })
  id: string;
  @ApiProperty({ example: 'Acme Contests' })
  name: string;
  @ApiProperty({
    example: 'acme-contests-2f6f0b1c4e10',
    description: 'May be the first label of a host name.',
  })
  slug: string;
  @ApiProperty({ enum: TENANT_STATUSES, example: 'active' })
  status: TenantStatus;
  @ApiProperty({ format: 'date-time', example: '2025-11-21T08:00:00.000Z' })
  created_at: string;

  static of({ id, name, slug, status, createdAt }: Tenant): TenantDto {
    return { id, name, slug, status, created_at: createdAt.toISOString() };
  }
}
