import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { tenantIdOf } from '../../../../../kernel/ids';
import { ApiProblems, HttpProblem, ShortBody } from '../../../../../platform/http';
import { PerAddress, Public, securityEvent } from '../../../../../platform/access';
import { CheckPassword } from '../../application/check-password';
import { type TokenPair, Tokens } from '../../application/tokens';
import { RefreshDto, TokenPairDto, TokenRequestDto } from './dto/auth.dto';
import { mustBeRight, wrongPassword } from './password-problems';

@ApiTags('identity')
@Controller('auth')
export class TokensController {
  constructor(
    private readonly checkPassword: CheckPassword,
    private readonly tokens: Tokens,
  ) {}

  @Post('token')
  @HttpCode(200)
  @Public()
  @PerAddress()
  @ShortBody()
  @ApiOperation({ operationId: 'issueToken', summary: 'Get an access token and a refresh token' })
  @ApiOkResponse({ type: TokenPairDto })
  @ApiProblems([401, 'invalid_credentials'], [404, 'tenant_not_found'], 422)
  async token(@Req() request: FastifyRequest, @Body() body: TokenRequestDto): Promise<TokenPairDto> {
    const { account, checked } = mustBeRight(
      request,
      await this.checkPassword.byEmail(body.email, body.password, request.ip),
    );
    const pair = await this.tokens.open(
      account,
      checked,
      body.tenant_id === undefined ? null : tenantIdOf(body.tenant_id),
    );
    if (!pair) throw wrongPassword(request);
    return dtoOf(pair);
  }

  @Post('refresh')
  @HttpCode(200)
  @Public()
  @PerAddress()
  @ShortBody()
  @ApiOperation({
    operationId: 'refreshToken',
    summary: 'Exchange a refresh token for the next pair',
    description:
      'A refresh token works once. One that comes again was copied: every token of its family ends, and the person logs in anew.',
  })
  @ApiOkResponse({ type: TokenPairDto })
  @ApiProblems([401, 'invalid_refresh_token'], 422)
  async refresh(@Req() request: FastifyRequest, @Body() body: RefreshDto): Promise<TokenPairDto> {
    const refreshed = await this.tokens.refresh(body.refresh_token, () =>
      Math.max(this.elapsedMs(request), 0),
    );
    if (refreshed.is === 'rotated') return dtoOf(refreshed.tokens);
    if (refreshed.is === 'reused') securityEvent(request, 'refresh_reused', { userId: refreshed.userId });
    else securityEvent(request, 'token_refused');
    throw new HttpProblem(
      401,
      'invalid_refresh_token',
      'This refresh token is unknown, used or over. Log in again.',
    );
  }

  @Post('revoke')
  @HttpCode(204)
  @Public()
  @PerAddress()
  @ShortBody()
  @ApiOperation({
    operationId: 'revokeToken',
    summary: 'End a refresh token and every token of its family',
    description: 'Answers the same for a token that nobody knows.',
  })
  @ApiNoContentResponse()
  @ApiProblems(422)
  async revoke(@Body() body: RefreshDto): Promise<void> {
    await this.tokens.revoke(body.refresh_token);
  }

  /** Since the request came in, by a clock that no one sets. */
  private elapsedMs(request: FastifyRequest): number {
    return request.arrivedAtMs === null ? 0 : performance.now() - request.arrivedAtMs;
  }
}

function dtoOf({ accessToken, refreshToken, livesS }: TokenPair): TokenPairDto {
  return { access_token: accessToken, token_type: 'Bearer', expires_in: livesS, refresh_token: refreshToken };
}
