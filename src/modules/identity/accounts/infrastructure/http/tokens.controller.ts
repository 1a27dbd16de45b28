import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { tenantIdOf } from '../../../../../kernel/ids';
import { PerAddress, Public, securityEvent } from '../../../../../platform/access';
import { ApiProblems, HttpProblem, ShortBody } from '../../../../../platform/http';
import { CheckPassword } from '../../application/check-password';
import { EndTokenFamily } from '../../application/end-token-family';
import { IssueTokens } from '../../application/issue-tokens';
import { RefreshTokens } from '../../application/refresh-tokens';
import type { TokenPair } from '../../application/token-pair';
import { RefreshDto, TokenPairDto, TokenRequestDto } from './dto/auth.dto';
import { assertPasswordValid, wrongPassword } from './password-problems';

@ApiTags('identity')
@Controller('auth')
export class TokensController {
  constructor(
    private readonly checkPassword: CheckPassword,
    private readonly issueTokens: IssueTokens,
    private readonly refreshTokens: RefreshTokens,
    private readonly endTokenFamily: EndTokenFamily,
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
    const { account, checked } = assertPasswordValid(
      request,
      await this.checkPassword.byEmail(body.email, body.password, request.ip),
    );
    const pair = await this.issueTokens.execute(
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
      'A refresh token works once. One that is sent again was copied: every token of its family ends, ' +
      'and the user must log in again.',
  })
  @ApiOkResponse({ type: TokenPairDto })
  @ApiProblems([401, 'invalid_refresh_token'], 422)
  async refresh(@Req() request: FastifyRequest, @Body() body: RefreshDto): Promise<TokenPairDto> {
    const refreshed = await this.refreshTokens.execute(body.refresh_token, () =>
      Math.max(this.elapsedMs(request), 0),
    );
    if (refreshed.status === 'rotated') return dtoOf(refreshed.tokens);
    if (refreshed.status === 'reused') securityEvent(request, 'refresh_reused', { userId: refreshed.userId });
    else securityEvent(request, 'token_refused');
    throw new HttpProblem(
      401,
      'invalid_refresh_token',
      'This refresh token is unknown, used or expired. Log in again.',
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
    description: 'The response is the same for an unknown token.',
  })
  @ApiNoContentResponse()
  @ApiProblems(422)
  async revoke(@Body() body: RefreshDto): Promise<void> {
    await this.endTokenFamily.byRefreshToken(body.refresh_token);
  }

  /** Since the request arrived, by the monotonic clock. */
  private elapsedMs(request: FastifyRequest): number {
    return request.arrivedAtMs === null ? 0 : performance.now() - request.arrivedAtMs;
  }
}

function dtoOf({ accessToken, refreshToken, lifetimeS }: TokenPair): TokenPairDto {
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: lifetimeS,
    refresh_token: refreshToken,
  };
}
