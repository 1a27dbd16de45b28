import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { IsGiven, IsId } from '../../../../../../platform/http';
import { ROLES } from '../../../../access/domain/roles';

/** Longer than any accepted password; the domain checks the exact rule. */
const PASSWORD_TEXT_MAX = 512;
const TOKEN_TEXT_MAX = 1_000;

export class PasswordLoginDto {
  @ApiProperty({ example: 'ann@example.com', maxLength: 254 })
  @IsString()
  @IsNotEmpty()
  @MaxLength(254)
  email: string;

  @ApiProperty({ example: 'correct horse battery staple', format: 'password', maxLength: PASSWORD_TEXT_MAX })
  @IsString()
  @IsNotEmpty()
  @MaxLength(PASSWORD_TEXT_MAX)
  password: string;
}

export class LoginDto extends PasswordLoginDto {
  @ApiPropertyOptional({
    example: false,
    default: false,
    description: 'Keeps the session for 30 days instead of until the browser closes.',
  })
  @IsGiven()
  @IsBoolean()
  remember?: boolean;
}

export class TokenRequestDto extends PasswordLoginDto {
  @ApiPropertyOptional({
    format: 'uuid',
    description: 'The only tenant the tokens are valid for; without it, send X-Tenant-ID with each request.',
  })
  @IsGiven()
  @IsId()
  tenant_id?: string;
}

export class RefreshDto {
  @ApiProperty({ example: 'dr_wq0mVh3Zk9dJmZ2n4oXrQy1sT6uVbA8cE5fG7hI0jKl', maxLength: TOKEN_TEXT_MAX })
  @IsString()
  @IsNotEmpty()
  @MaxLength(TOKEN_TEXT_MAX)
  refresh_token: string;
}

export class ChangePasswordDto {
  @ApiProperty({ example: 'correct horse battery staple', format: 'password', maxLength: PASSWORD_TEXT_MAX })
  @IsString()
  @IsNotEmpty()
  @MaxLength(PASSWORD_TEXT_MAX)
  current_password: string;

  @ApiProperty({
    example: 'seven green elephants sing',
    format: 'password',
    description: '8 to 128 characters; common passwords are rejected.',
    maxLength: PASSWORD_TEXT_MAX,
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(PASSWORD_TEXT_MAX)
  new_password: string;
}

export class ChoosePasswordDto {
  @ApiProperty({ example: 'di_wq0mVh3Zk9dJmZ2n4oXrQy1sT6uVbA8cE5fG7hI0jKl', maxLength: TOKEN_TEXT_MAX })
  @IsString()
  @IsNotEmpty()
  @MaxLength(TOKEN_TEXT_MAX)
  token: string;

  @ApiProperty({
    example: 'seven green elephants sing',
    format: 'password',
    description: '8 to 128 characters; common passwords are rejected.',
    maxLength: PASSWORD_TEXT_MAX,
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(PASSWORD_TEXT_MAX)
  password: string;
}

export class ProfileTenantDto {
  @ApiProperty({ format: 'uuid' })
  tenant_id: string;
  @ApiProperty({ enum: ROLES, example: 'operator' })
  role: string;
}

export class ProfileDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: 'ann@example.com' })
  email: string;
  @ApiProperty({ example: 'Ann Lee' })
  name: string;
  @ApiProperty({ example: false })
  is_platform_admin: boolean;
  @ApiProperty({ type: [ProfileTenantDto] })
  tenants: ProfileTenantDto[];
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'JDu4uEr1qkBL4uHbV0z8yQf0aJXxw6mXQ0gq6K2m1nA',
    description: 'For the header X-CSRF-Token; null without a session cookie.',
  })
  csrf_token: string | null;
}

export class TokenPairDto {
  @ApiProperty({ example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.…' })
  access_token: string;
  @ApiProperty({ enum: ['Bearer'], example: 'Bearer' })
  token_type: string;
  @ApiProperty({ example: 600, description: 'Seconds until the access token expires.' })
  expires_in: number;
  @ApiProperty({
    example: 'dr_wq0mVh3Zk9dJmZ2n4oXrQy1sT6uVbA8cE5fG7hI0jKl',
    description: 'Works once: each use returns the next one.',
  })
  refresh_token: string;
}
