import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../../../../kernel/actor';
import type { AuthenticatedUser } from '../../../../../kernel/principal';
import {
  csrfTokenOf,
  CurrentActor,
  CurrentUser,
  PerAddress,
  Public,
  SessionCookie,
  WithoutTenant,
} from '../../../../../platform/access';
import { ApiProblems, ShortBody } from '../../../../../platform/http';
import { ListActiveMemberships } from '../../../access/application/list-active-memberships.query';
import { ChangePassword } from '../../application/change-password';
import { CheckPassword } from '../../application/check-password';
import { EndSession } from '../../application/end-session';
import { EndTokenFamily } from '../../application/end-token-family';
import { OpenSession } from '../../application/open-session';
import { ResetPassword } from '../../application/reset-password';
import { REMEMBERED_SESSION } from '../../domain/lifetimes';
import { ChangePasswordDto, ChoosePasswordDto, LoginDto, ProfileDto } from './dto/auth.dto';
import { assertPasswordValid, rejectOtherOrigin, wrongPassword } from './password-problems';

@ApiTags('identity')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly checkPassword: CheckPassword,
    private readonly openSession: OpenSession,
    private readonly endSession: EndSession,
    private readonly endTokenFamily: EndTokenFamily,
    private readonly changeOwnPassword: ChangePassword,
    private readonly resetWithToken: ResetPassword,
    private readonly listMemberships: ListActiveMemberships,
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
      'Sets the session cookie. Send `csrf_token` back as X-CSRF-Token with every request that changes data.',
  })
  @ApiOkResponse({ type: ProfileDto })
  @ApiProblems([401, 'invalid_credentials'], [403, 'csrf_failed'], 422)
  async login(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: LoginDto,
  ): Promise<ProfileDto> {
    rejectOtherOrigin(request);
    const { account, checked } = assertPasswordValid(
      request,
      await this.checkPassword.byEmail(body.email, body.password, request.ip),
    );
    const remember = body.remember ?? false;
    const former = this.cookie.read(request) ?? null;
    const session = await this.openSession.execute(checked, { remember, former });
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
    @CurrentUser() user: AuthenticatedUser,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (user.sessionId !== null) await this.endSession.execute(user.userId, user.sessionId);
    if (user.familyId !== null) await this.endTokenFamily.execute(user.userId, user.familyId);
    this.cookie.clear(reply);
  }

  @Get('profile')
  @WithoutTenant()
  @ApiOperation({ summary: 'Your account, and the tenants you belong to' })
  @ApiOkResponse({ type: ProfileDto })
  profile(@Req() request: FastifyRequest, @CurrentUser() user: AuthenticatedUser): Promise<ProfileDto> {
    return this.profileOf(user, this.cookie.read(request) ?? null);
  }

  @Post('change-password')
  @HttpCode(204)
  @ShortBody()
  @WithoutTenant()
  @ApiOperation({
    summary: 'Change your password',
    description: 'Ends all your sessions and tokens, this one too. Log in again afterwards.',
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
    assertPasswordValid(
      request,
      await this.changeOwnPassword.execute(userId, body.current_password, body.new_password, actor),
    );
    this.cookie.clear(reply);
  }

  @Post('reset-password')
  @HttpCode(204)
  @Public()
  @PerAddress()
  @ShortBody()
  @ApiOperation({
    summary: 'Choose a new password with a reset token',
    description: 'Ends all sessions and tokens of the user.',
  })
  @ApiNoContentResponse()
  @ApiProblems([422, 'validation_failed', 'invalid_token', 'weak_password'])
  async resetPassword(@Req() request: FastifyRequest, @Body() body: ChoosePasswordDto): Promise<void> {
    const origin = { requestId: request.id, address: request.ip };
    await this.resetWithToken.execute(body.token, body.password, origin);
  }

  private async profileOf(
    user: Pick<AuthenticatedUser, 'userId' | 'email' | 'name' | 'isPlatformAdmin'>,
    session: string | null,
  ): Promise<ProfileDto> {
    const memberships = await this.listMemberships.execute(user.userId);
    return {
      id: user.userId,
      email: user.email,
      name: user.name,
      is_platform_admin: user.isPlatformAdmin,
      tenants: memberships.map(({ tenantId, role }) => ({ tenant_id: tenantId, role })),
      csrf_token: session === null ? null : csrfTokenOf(session),
    };
  }
}
