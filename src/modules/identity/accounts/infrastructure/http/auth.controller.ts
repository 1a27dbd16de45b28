import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../../../../kernel/actor';
import { ApiProblems, ShortBody } from '../../../../../platform/http';
import {
  csrfTokenOf,
  CurrentActor,
  CurrentUser,
  PerAddress,
  Public,
  SessionCookie,
  WithoutTenant,
} from '../../../../../platform/access';
import type { AuthenticatedUser } from '../../../../../kernel/principal';
import { AcceptInvitation } from '../../../members/application/accept-invitation';
import { CheckPassword } from '../../application/check-password';
import type { From } from '../../application/one-time-tokens';
import { Passwords } from '../../application/passwords';
import { People } from '../../../members/application/users.facade';
import { Sessions } from '../../application/sessions';
import { Tokens } from '../../application/tokens';
import { REMEMBERED_SESSION } from '../../domain/lifetimes';
import { ChangePasswordDto, ChoosePasswordDto, LoginDto, ProfileDto } from './dto/auth.dto';
import { mustBeRight, refuseFromElsewhere, tooOften, wrongPassword } from './password-problems';

@ApiTags('identity')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly checkPassword: CheckPassword,
    private readonly sessions: Sessions,
    private readonly tokens: Tokens,
    private readonly passwords: Passwords,
    private readonly acceptInvitation: AcceptInvitation,
    private readonly people: People,
    private readonly cookie: SessionCookie,
  ) {}

  @Post('login')
  @HttpCode(200)
  @Public()
  @PerAddress()
  @ShortBody()
  @ApiOperation({
    summary: 'Log in with a browser',
    description:
      'Sets the session cookie. Send `csrf_token` back as X-CSRF-Token with whatever changes something.',
  })
  @ApiOkResponse({ type: ProfileDto })
  @ApiProblems([401, 'invalid_credentials'], [403, 'csrf_failed'], 422)
  async login(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: LoginDto,
  ): Promise<ProfileDto> {
    refuseFromElsewhere(request);
    const { account, checked } = mustBeRight(
      request,
      await this.checkPassword.byEmail(body.email, body.password, request.ip),
    );
    const remember = body.remember ?? false;
    const session = await this.sessions.open(checked, {
      remember,
      former: this.cookie.read(request) ?? null,
    });
    if (session === null) throw wrongPassword(request);
    this.cookie.set(reply, session, remember ? REMEMBERED_SESSION.absoluteS : undefined);
    return this.profileOf({ ...account, userId: account.id }, session);
  }

  @Post('logout')
  @HttpCode(204)
  @WithoutTenant()
  @ApiOperation({
    summary: 'Log out',
    description: 'Ends the session, or the access token with its refresh tokens.',
  })
  @ApiNoContentResponse()
  @ApiProblems([403, 'csrf_failed'])
  async logout(
    @CurrentUser() person: AuthenticatedUser,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (person.sessionId !== null) await this.sessions.end(person.userId, person.sessionId);
    if (person.familyId !== null) await this.tokens.endFamily(person.userId, person.familyId);
    this.cookie.clear(reply);
  }

  @Get('profile')
  @WithoutTenant()
  @ApiOperation({ summary: 'Who you are, and the tenants you belong to' })
  @ApiOkResponse({ type: ProfileDto })
  profile(@Req() request: FastifyRequest, @CurrentUser() person: AuthenticatedUser): Promise<ProfileDto> {
    return this.profileOf(person, this.cookie.read(request) ?? null);
  }

  @Post('change-password')
  @HttpCode(204)
  @ShortBody()
  @WithoutTenant()
  @ApiOperation({
    summary: 'Change your password',
    description: 'Ends every session and token you have, this one too: log in again.',
  })
  @ApiNoContentResponse()
  @ApiProblems(
    [401, 'unauthenticated', 'invalid_credentials'],
    [403, 'csrf_failed'],
    [422, 'validation_failed', 'weak_password'],
    429,
  )
  async changePassword(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() { userId }: AuthenticatedUser,
    @CurrentActor() actor: Actor,
    @Body() body: ChangePasswordDto,
  ): Promise<void> {
    mustBeRight(
      request,
      await this.passwords.change(userId, body.current_password, body.new_password, actor),
    );
    this.cookie.clear(reply);
  }

  @Post('accept-invitation')
  @HttpCode(204)
  @Public()
  @PerAddress()
  @ShortBody()
  @ApiOperation({
    summary: 'Accept an invitation',
    description:
      'The first time it sets your password. If you have an account already, prove it with the password you have.',
  })
  @ApiNoContentResponse()
  @ApiProblems([422, 'validation_failed', 'invalid_token', 'weak_password'])
  async accept(@Req() request: FastifyRequest, @Body() body: ChoosePasswordDto): Promise<void> {
    const refused = await this.acceptInvitation.execute(body.token, body.password, fromOf(request));
    if (refused) throw tooOften(request, refused.waitS);
  }

  @Post('reset-password')
  @HttpCode(204)
  @Public()
  @PerAddress()
  @ShortBody()
  @ApiOperation({
    summary: 'Choose a new password with a reset token',
    description: 'Ends every session and token of the person.',
  })
  @ApiNoContentResponse()
  @ApiProblems([422, 'validation_failed', 'invalid_token', 'weak_password'])
  async resetPassword(@Req() request: FastifyRequest, @Body() body: ChoosePasswordDto): Promise<void> {
    await this.passwords.reset(body.token, body.password, fromOf(request));
  }

  private async profileOf(
    person: Pick<AuthenticatedUser, 'userId' | 'email' | 'name' | 'isPlatformAdmin'>,
    session: string | null,
  ): Promise<ProfileDto> {
    const belongings = await this.people.tenantsOf(person.userId);
    return {
      id: person.userId,
      email: person.email,
      name: person.name,
      is_platform_admin: person.isPlatformAdmin,
      tenants: belongings.map(({ tenantId, role }) => ({ tenant_id: tenantId, role })),
      csrf_token: session === null ? null : csrfTokenOf(session),
    };
  }
}

function fromOf(request: FastifyRequest): From {
  return { requestId: request.id, address: request.ip };
}
