import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { IsGiven, IsOneOf } from '../../../../../../platform/http';
import type { Invitation } from '../../../../accounts/application/create-user';
import type { Member } from '../../../application/ports';
import { ROLES } from '../../../../access/domain/roles';

export class InviteUserDto {
  @ApiProperty({ example: 'ann@example.com', maxLength: 254 })
  @IsString()
  @IsNotEmpty()
  @MaxLength(254)
  email: string;

  @ApiProperty({ example: 'Ann Lee', maxLength: 100 })
  @IsString()
  @IsNotEmpty()
  @MaxLength(100)
  name: string;

  @ApiProperty({ enum: ROLES, example: 'operator' })
  @IsOneOf(ROLES)
  role: string;
}

export class ChangeUserDto {
  @ApiPropertyOptional({ enum: ROLES, example: 'analyst' })
  @IsGiven()
  @IsOneOf(ROLES)
  role?: string;

  @ApiPropertyOptional({
    example: false,
    description: 'False disables the user in this tenant; the membership remains.',
  })
  @IsGiven()
  @IsBoolean()
  is_active?: boolean;
}

export class UserDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: 'ann@example.com' })
  email: string;
  @ApiProperty({ example: 'Ann Lee' })
  name: string;
  @ApiProperty({ enum: ROLES, example: 'operator' })
  role: string;
  @ApiProperty({ enum: ['invited', 'active', 'disabled'], example: 'active' })
  status: string;
  @ApiProperty({ format: 'date-time' })
  created_at: string;

  static of(member: Member): UserDto {
    return {
      id: member.userId,
      email: member.email,
      name: member.name,
      role: member.role,
      status: member.state,
      created_at: member.createdAt.toISOString(),
    };
  }
}

export class OneTimeTokenDto {
  @ApiProperty({
    example: 'di_wq0mVh3Zk9dJmZ2n4oXrQy1sT6uVbA8cE5fG7hI0jKl',
    description: 'Returned only once. It works once.',
  })
  token: string;
  @ApiProperty({ format: 'date-time' })
  expires_at: string;
}

export class InvitationDto extends OneTimeTokenDto {
  @ApiProperty({ format: 'uuid' })
  user_id: string;

  static of({ userId, token, expiresAt }: Invitation): InvitationDto {
    return { user_id: userId, token, expires_at: expiresAt.toISOString() };
  }
}
