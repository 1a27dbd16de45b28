import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsId } from '../../../../../../platform/http';
import { PageQueryDto } from '../../../../../../platform/pagination';
import type { InstallationRecord } from '../../../application/ports';

export class InstallationLogQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ format: 'uuid', description: 'The user that was changed.' })
  @IsOptional()
  @IsId()
  user_id?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'The user who made the change.' })
  @IsOptional()
  @IsId()
  actor_id?: string;
}

export class InstallationActorDto {
  @ApiProperty({ enum: ['user', 'system'], example: 'user' }) kind: string;
  @ApiProperty({ format: 'uuid', nullable: true, type: String }) id: string | null;
  @ApiProperty({ example: 'Ann Lee', description: 'The name at that time.' }) name: string;
}

export class InstallationRecordDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ format: 'date-time' }) at: string;
  @ApiProperty({ example: 'user.disabled' }) action: string;
  @ApiProperty({ type: InstallationActorDto }) actor: InstallationActorDto;
  @ApiProperty({ format: 'uuid' }) user_id: string;
  @ApiProperty({
    example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10',
    nullable: true,
    type: String,
    description: 'The `X-Request-Id` of the request.',
  })
  request_id: string | null;
  @ApiProperty({ example: '192.0.2.1', nullable: true, type: String }) address: string | null;

  static of({ id, at, action, actor, userId }: InstallationRecord): InstallationRecordDto {
    const { kind, id: actorId, name, requestId, address } = actor;
    return {
      id,
      at: at.toISOString(),
      action,
      actor: { kind, id: actorId, name },
      user_id: userId,
      request_id: requestId,
      address,
    };
  }
}
