import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsNotEmpty, IsOptional, IsString, MaxLength } from 'class-validator';
import { IsBooleanText, IsGiven } from '../../../../../../platform/http';
import { PageQueryDto } from '../../../../../../platform/pagination';
import type { ListedUser } from '../../../application/ports';

export class PlatformUsersQueryDto extends PageQueryDto {
  @ApiPropertyOptional({
    example: 'ann@example.com',
    maxLength: 254,
    description: 'The whole address; case is ignored.',
  })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(254)
  email?: string;

  @ApiPropertyOptional({ type: Boolean, example: true })
  @IsOptional()
  @IsBooleanText()
  is_platform_admin?: boolean;
}

export class UpdateAccountFlagsDto {
  @ApiPropertyOptional({
    example: false,
    description: 'False disables the user in the whole installation.',
  })
  @IsGiven()
  @IsBoolean()
  is_active?: boolean;

  @ApiPropertyOptional({
    type: Boolean,
    enum: [false],
    example: false,
    description: 'Platform admins are created by the command line only.',
  })
  @IsGiven()
  @IsIn([false], {
    message:
      '$property can only be set to false here; use "npm run user:create -- --platform-admin" to set it',
  })
  is_platform_admin?: false;
}

export class PlatformUserDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: 'ann@example.com' })
  email: string;
  @ApiProperty({ example: 'Ann Lee' })
  name: string;
  @ApiProperty({ example: true })
  is_platform_admin: boolean;
  @ApiProperty({ example: true })
  is_active: boolean;
  @ApiProperty({
    example: true,
    description: 'False until the user accepts a first invitation; until then the user cannot log in.',
  })
  has_password: boolean;
  @ApiProperty({ format: 'date-time' })
  created_at: string;

  static of({
    id,
    email,
    name,
    isPlatformAdmin,
    isActive,
    passwordHash,
    createdAt,
  }: ListedUser): PlatformUserDto {
    return {
      id,
      email,
      name,
      is_platform_admin: isPlatformAdmin,
      is_active: isActive,
      has_password: passwordHash !== null,
      created_at: createdAt.toISOString(),
    };
  }
}
