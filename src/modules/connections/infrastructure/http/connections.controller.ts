import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Req } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { UnitOfWork } from '../../../../kernel/tx';
import type { Actor } from '../../../../kernel/actor';
import { ApiPage, CachedList, type Page, PageQueryDto, Pages } from '../../../../platform/pagination';
import { ApiProblems, IdPipe } from '../../../../platform/http';
import { AuthorizedTransaction, CurrentActor, CurrentPrincipal, Scopes } from '../../../../platform/access';
import type { Principal } from '../../../../kernel/principal';
import { Connections } from '../../application/connections.facade';
import { OpenWebhookEndpoint } from '../../application/open-webhook-endpoint';
import { RAIL_ACCOUNT_LIST, WEBHOOK_ENDPOINT_LIST, WebhookEndpointStore } from '../../application/ports';
import { ConnectStripeDto, RailAccountDto } from './dto/rail-account.dto';
import { OpenWebhookEndpointDto, WebhookEndpointDto, WebhookSecretDto } from './dto/webhook-endpoint.dto';

@ApiTags('connections')
@Controller('connections')
export class ConnectionsController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly writes: AuthorizedTransaction,
    private readonly connections: Connections,
    private readonly openWebhookEndpoint: OpenWebhookEndpoint,
    private readonly endpoints: WebhookEndpointStore,
    private readonly pages: Pages,
  ) {}

  @Put('stripe')
  @Scopes('connections:write')
  @ApiOperation({
    operationId: 'connectStripe',
    summary: 'Connect your Stripe account, or replace its key',
    description:
      'The account of the key is read at Stripe. The key is stored encrypted and never returned. A ' +
      'key of another account or mode is rejected.',
  })
  @ApiOkResponse({ type: RailAccountDto })
  @ApiProblems(
    [409, 'provider_account_taken', 'rail_account_exists'],
    [422, 'validation_failed', 'provider_key_refused'],
    [503, 'provider_unreachable'],
  )
  async connectStripe(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Body() body: ConnectStripeDto,
  ): Promise<RailAccountDto> {
    return this.writes.retryingAccess(request, principal, async ({ tenantId, accessEpoch }) =>
      RailAccountDto.of(await this.connections.connectStripe(tenantId, body.secret_key, actor, accessEpoch)),
    );
  }

  @Get('rail-accounts')
  @Scopes('connections:read')
  @CachedList(RAIL_ACCOUNT_LIST)
  @ApiOperation({ summary: 'List your rail accounts, newest first' })
  @ApiPage(RailAccountDto)
  async railAccounts(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Query() query: PageQueryDto,
  ): Promise<Page<RailAccountDto>> {
    const window = this.pages.window(request, principal, query);
    const accounts = await this.uow.run(
      principal.tenantId,
      (tx) => this.connections.railAccounts(tx, window),
      { readOnly: true },
    );
    return this.pages.page(
      request,
      principal,
      window,
      accounts,
      ({ id }) => [id],
      (account) => RailAccountDto.of(account),
    );
  }

  @Post('webhook-endpoints')
  @Scopes('connections:write')
  @ApiOperation({ summary: 'Create a webhook endpoint for Stripe' })
  @ApiCreatedResponse({ type: WebhookEndpointDto })
  @ApiProblems([409, 'rail_account_missing'], 422)
  async open(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Body() body: OpenWebhookEndpointDto,
  ): Promise<WebhookEndpointDto> {
    return WebhookEndpointDto.of(
      await this.writes.run(request, principal, (tx) => this.openWebhookEndpoint.execute(tx, body, actor)),
    );
  }

  @Get('webhook-endpoints')
  @Scopes('connections:read')
  @CachedList(WEBHOOK_ENDPOINT_LIST)
  @ApiOperation({ summary: 'List your webhook endpoints for Stripe, newest first' })
  @ApiPage(WebhookEndpointDto)
  async list(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Query() query: PageQueryDto,
  ): Promise<Page<WebhookEndpointDto>> {
    const window = this.pages.window(request, principal, query);
    const endpoints = await this.uow.run(principal.tenantId, (tx) => this.endpoints.list(tx, window), {
      readOnly: true,
    });
    return this.pages.page(
      request,
      principal,
      window,
      endpoints,
      ({ id }) => [id],
      (endpoint) => WebhookEndpointDto.of(endpoint),
    );
  }

  @Put('webhook-endpoints/:id/secret')
  @HttpCode(204)
  @Scopes('connections:write')
  @ApiOperation({
    summary: 'Rotate the signing secret',
    description:
      'The previous secret stays valid until you delete it, so that no event is lost while Stripe rotates it.',
  })
  @ApiNoContentResponse()
  @ApiProblems([404, 'webhook_endpoint_not_found'], 422)
  async rotate(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: WebhookSecretDto,
  ): Promise<void> {
    await this.writes.run(request, principal, (tx) =>
      this.openWebhookEndpoint.rotate(tx, id, body.secret, actor),
    );
  }

  @Delete('webhook-endpoints/:id/previous-secret')
  @HttpCode(204)
  @Scopes('connections:write')
  @ApiOperation({ summary: 'Delete the previous signing secret' })
  @ApiNoContentResponse()
  @ApiProblems([404, 'webhook_endpoint_not_found'])
  async dropPrevious(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
  ): Promise<void> {
    await this.writes.run(request, principal, (tx) => this.openWebhookEndpoint.dropPrevious(tx, id, actor));
  }
}
