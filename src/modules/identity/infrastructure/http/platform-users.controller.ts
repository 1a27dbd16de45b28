import { Body, Controller, HttpCode, Param, Patch } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { type Actor, ApiProblems, CurrentActor, IdPipe, WithoutTenant } from '../../../../platform/http';
import { People } from '../../application/people.facade';

export class EnablePersonDto {
  @ApiProperty({ example: false })
  @IsBoolean()
  is_active: boolean;
}

@ApiTags('identity')
@Controller('platform-users')
export class PlatformUsersController {
  constructor(private readonly people: People) {}

  @Patch(':id')
  @HttpCode(204)
  @WithoutTenant('platform_users:write')
  @ApiOperation({ summary: 'Shut a person out of the whole installation, or let them in again', description: 'Every session and token of the person ends at once, and in every tenant the keys that they made or rotated, and those that these made.' })
  @ApiNoContentResponse()
  @ApiProblems([403, 'csrf_failed'], [404, 'user_not_found'], 422)
  async change(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() body: EnablePersonDto): Promise<void> {
    await this.people.setActive(id, body.is_active, actor);
  }
}
