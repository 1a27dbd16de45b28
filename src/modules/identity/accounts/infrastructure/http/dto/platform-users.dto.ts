import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsNotEmpty, IsOptional, IsString, MaxLength } from 'class-validator';
import { IsBooleanText, IsGiven } from '../../../../../../platform/http';
import { PageQueryDto } from '../../../../../../platform/pagination';
import type { ListedPerson } from '../../../application/ports';

export class PlatformUsersQueryDto extends PageQueryDto {
  @ApiPropertyOptional({
    example: 'ann@example.com',
    maxLength: 254,
    description: 'The whole address, however its letters are written.',
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

export class ChangePersonDto {
  @ApiPropertyOptional({
    example: false,
    description: 'False shuts the person out of the whole installation.',
  })
  @IsGiven()
  @IsBoolean()
  is_active?: boolean;

  @ApiPropertyOptional({
    type: Boolean,
    enum: [false],
    example: false,
    description: 'Administrators are made by the command line only.',
  })
  @IsGiven()
  @IsIn([false], {
    message: '$property can only be taken away here; "npm run user:create -- --platform-admin" gives it',
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
    description: 'False until a first invitation was accepted: nobody can log in as this person.',
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
  }: ListedPerson): PlatformUserDto {
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
