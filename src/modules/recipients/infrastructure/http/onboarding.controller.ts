import { Body, Controller, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../../../kernel/actor';
import { ApiProblems, IdPipe } from '../../../../platform/http';
import { AuthorizedTransaction, CurrentActor, CurrentPrincipal, Scopes } from '../../../../platform/access';
import type { Principal } from '../../../../kernel/principal';
import { ReadConnectStatus } from '../../application/read-connect-status';
import { StartOnboarding } from '../../application/start-onboarding';
import { ConnectStatusDto, OnboardingLinkDto, StartOnboardingDto } from './dto/onboarding.dto';

/**
 * No idempotency key: its record would keep the link. The account is opened once by its own protocol, and
 * every request gets a link of its own.
 */
@ApiTags('recipients')
@Controller('recipients/:id/connect')
export class OnboardingController {
  constructor(
    private readonly writes: AuthorizedTransaction,
    private readonly startOnboarding: StartOnboarding,
    private readonly readConnectStatus: ReadConnectStatus,
  ) {}

  @Post('onboarding')
  @HttpCode(200)
  @Scopes('recipients:write')
  @ApiOperation({
    operationId: 'startOnboarding',
    summary: 'Get a link to the onboarding of a recipient at Stripe',
    description:
      'Opens an Express account at Stripe or uses the existing one, and returns a new link that works once, ' +
      'for a few minutes. Repeating the request never opens a second account, also at the same moment or after ' +
      'a response was lost.',
  })
  @ApiOkResponse({ type: OnboardingLinkDto })
  @ApiProblems([404, 'recipient_not_found'], [503, 'provider_unreachable'])
  @ApiProblems([409, 'recipient_inactive', 'rail_account_missing', 'rail_account_refused'])
  @ApiProblems([409, 'account_opening_in_progress', 'connected_account_taken'])
  @ApiProblems([422, 'validation_failed', 'invalid_onboarding_address', 'account_not_found'])
  @ApiProblems([422, 'account_opening_refused', 'onboarding_refused'])
  async start(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: StartOnboardingDto,
  ): Promise<OnboardingLinkDto> {
    const to = { refreshUrl: body.refresh_url, returnUrl: body.return_url };
    return OnboardingLinkDto.of(
      await this.writes.retryingAccess(request, principal, ({ tenantId, accessEpoch }) =>
        this.startOnboarding.execute({ tenant: tenantId, accessEpoch, recipientId: id, actor }, to),
      ),
    );
  }

  @Get('status')
  @Scopes('recipients:read')
  @ApiOperation({
    operationId: 'getConnectStatus',
    summary: 'The onboarding status of a recipient at Stripe',
    description: 'Read at Stripe now, with what is missing. Payments that waited for the capability start.',
  })
  @ApiOkResponse({ type: ConnectStatusDto })
  @ApiProblems([404, 'recipient_not_found'], [409, 'rail_account_refused'], [503, 'provider_unreachable'])
  async status(
    @CurrentPrincipal() principal: Principal,
    @Param('id', IdPipe) id: string,
  ): Promise<ConnectStatusDto> {
    return ConnectStatusDto.of(await this.readConnectStatus.execute(principal.tenantId, id));
  }
}
