import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsEmail, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { IsHttpsUrl } from '../../../../../platform/http';

const NAME = {
  example: 'Acme Contests',
  description: 'The name that the people you pay see. By default the name of the tenant.',
};
const LOGO = {
  type: String,
  nullable: true,
  example: 'https://cdn.example.com/acme/logo.svg',
  maxLength: 2_000,
} as const;
const COLOR = { type: String, nullable: true, example: '#1a73e8', pattern: '^#[0-9A-Fa-f]{6}$' } as const;
const EMAIL = { type: String, nullable: true, example: 'support@example.com', maxLength: 254 } as const;
const SUPPORT_URL = {
  type: String,
  nullable: true,
  example: 'https://example.com/support',
  maxLength: 2_000,
} as const;

export class BrandingDto {
  @ApiProperty(NAME) display_name: string;
  @ApiProperty(LOGO) logo_url: string | null;
  @ApiProperty(COLOR) primary_color: string | null;
  @ApiProperty(EMAIL) support_email: string | null;
  @ApiProperty(SUPPORT_URL) support_url: string | null;
}

export class ReplaceBrandingDto {
  @ApiProperty(NAME)
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? value.trim().normalize('NFC') : value,
  )
  @IsString()
  @Length(1, 200)
  display_name: string;

  @ApiPropertyOptional(LOGO)
  @IsOptional()
  @IsHttpsUrl()
  logo_url?: string | null;

  @ApiPropertyOptional(COLOR)
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value))
  @Matches(/^#[0-9a-f]{6}$/, { message: '$property must be a colour such as "#1a73e8"' })
  primary_color?: string | null;

  @ApiPropertyOptional(EMAIL)
  @IsOptional()
  @MaxLength(254)
  @IsEmail()
  support_email?: string | null;

  @ApiPropertyOptional(SUPPORT_URL)
  @IsOptional()
  @IsHttpsUrl()
  support_url?: string | null;
}
