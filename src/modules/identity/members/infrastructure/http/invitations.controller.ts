import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { PerAddress, Public } from '../../../../../platform/access';
import { ApiProblems, ShortBody } from '../../../../../platform/http';
import { ChoosePasswordDto } from '../../../accounts/infrastructure/http/dto/auth.dto';
import { passwordRateLimited } from '../../../accounts/infrastructure/http/password-problems';
import { AcceptInvitation } from '../../application/accept-invitation';

@ApiTags('identity')
@Controller('auth')
export class InvitationsController {
  constructor(private readonly acceptInvitation: AcceptInvitation) {}

  @Post('accept-invitation')
  @HttpCode(204)
  @Public()
  @PerAddress()
  @ShortBody()
  @ApiOperation({
    summary: 'Accept an invitation',
    description:
      'The first time it sets your password. If you already have an account, send the password you have.',
  })
  @ApiNoContentResponse()
  @ApiProblems([422, 'validation_failed', 'invalid_token', 'weak_password'])
  async accept(@Req() request: FastifyRequest, @Body() body: ChoosePasswordDto): Promise<void> {
    const origin = { requestId: request.id, address: request.ip };
    const limited = await this.acceptInvitation.execute(body.token, body.password, origin);
    if (limited) throw passwordRateLimited(request, limited.waitS);
  }
}
