import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../../../../kernel/actor';
import type { Principal } from '../../../../../kernel/principal';
import { type Tx, UnitOfWork } from '../../../../../kernel/tx';
import {
  Authenticated,
  AuthorizedTransaction,
  CurrentActor,
  CurrentPrincipal,
  Scopes,
} from '../../../../../platform/access';
import { ApiProblems, IdPipe } from '../../../../../platform/http';
import { ApiPage, type Page, PageQueryDto, Pages } from '../../../../../platform/pagination';
import type { CreatedApiKey } from '../../../contract';
import { CreateApiKey } from '../../application/create-api-key';
import { ListApiKeys } from '../../application/list-api-keys.query';
import { ApiKeyStore } from '../../application/ports';
import { RevokeApiKey } from '../../application/revoke-api-key';
import { RotateApiKey } from '../../application/rotate-api-key';
import { ApiKeyRequired, ApiKeyUnknown } from '../../domain/errors';
import { ApiKeyDto, ApiKeySecretDto, CreateApiKeyDto, RotateApiKeyDto } from './dto/api-key.dto';

@ApiTags('identity')
@Controller('api-keys')
export class ApiKeysController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly writes: AuthorizedTransaction,
    private readonly createApiKey: CreateApiKey,
    private readonly rotateApiKey: RotateApiKey,
    private readonly revokeApiKey: RevokeApiKey,
    private readonly listApiKeys: ListApiKeys,
    private readonly keys: ApiKeyStore,
    private readonly pages: Pages,
  ) {}

  /** Without an idempotency key on purpose: the response would be stored, and the secret with it. */
  @Post()
  @Scopes('api_keys:write')
  @ApiOperation({
    summary: 'Create an API key',
    description:
      'The secret is returned only once. A key has only scopes that its creator has. It is revoked ' +
      'when its creator is removed or revoked, or has fewer scopes than the key. A tenant has at most ' +
      '1,000 keys that are neither revoked nor expired. Two requests create two keys.',
  })
  @ApiCreatedResponse({ type: ApiKeySecretDto })
  @ApiProblems(
    [403, 'scope_not_held'],
    [409, 'too_many_api_keys'],
    [422, 'validation_failed', 'unknown_scope', 'invalid_api_key'],
  )
  async create(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Body() body: CreateApiKeyDto,
  ): Promise<ApiKeySecretDto> {
    const { name, scopes } = body;
    const expiresAt = body.expires_at ? new Date(body.expires_at) : null;
    const command = {
      name,
      scopes,
      expiresAt,
      rateLimitPerMinute: body.rate_limit_per_minute ?? null,
      actor,
    };
    return this.writes.run(request, principal, async (tx, maker) =>
      this.shown(tx, maker, await this.createApiKey.execute(tx, { ...command, maker })),
    );
  }

  @Get()
  @Scopes('api_keys:read')
  @ApiOperation({
    summary: 'API keys, newest first',
    description: 'With the revoked and expired keys, without secrets.',
  })
  @ApiPage(ApiKeyDto)
  async all(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Query() query: PageQueryDto,
  ): Promise<Page<ApiKeyDto>> {
    const window = this.pages.window(request, principal, query);
    const rows = await this.uow.run(principal.tenantId, (tx) => this.listApiKeys.execute(tx, window), {
      readOnly: true,
    });
    return this.pages.page(
      request,
      principal,
      window,
      rows,
      ({ id }) => [id],
      (key) => ApiKeyDto.of(key),
    );
  }

  /** Needs no scope: every key may read its own scopes. */
  @Get('self')
  @Authenticated()
  @ApiOperation({ operationId: 'getOwnApiKey', summary: 'The API key of this request' })
  @ApiOkResponse({ type: ApiKeyDto })
  @ApiProblems([403, 'api_key_required'])
  async self(@CurrentPrincipal() principal: Principal): Promise<ApiKeyDto> {
    if (principal.kind !== 'api_key') throw new ApiKeyRequired();
    return this.one(principal, principal.id);
  }

  @Get(':id')
  @Scopes('api_keys:read')
  @ApiOperation({ summary: 'One API key' })
  @ApiOkResponse({ type: ApiKeyDto })
  @ApiProblems([404, 'not_found'])
  one(@CurrentPrincipal() principal: Principal, @Param('id', IdPipe) id: string): Promise<ApiKeyDto> {
    return this.uow.run(principal.tenantId, async (tx) => ApiKeyDto.of(await this.found(tx, principal, id)), {
      readOnly: true,
    });
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @Scopes('api_keys:write')
  @ApiOperation({
    summary: 'Give a key a new secret',
    description:
      'The secret is returned only once. The previous secret works until the overlap ends; an older ' +
      'one ends now. You must have all scopes of the key.',
  })
  @ApiOkResponse({ type: ApiKeySecretDto })
  @ApiProblems([403, 'scope_not_held'], [404, 'not_found'], [409, 'api_key_revoked'], 422)
  rotate(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: RotateApiKeyDto,
  ): Promise<ApiKeySecretDto> {
    const overlapS = body.overlap_s ?? 0;
    return this.writes.run(request, principal, async (tx, rotator) =>
      this.shown(tx, rotator, await this.rotateApiKey.execute(tx, { id, overlapS, rotator, actor })),
    );
  }

  @Delete(':id')
  @HttpCode(204)
  @Scopes('api_keys:write')
  @ApiOperation({
    summary: 'Revoke a key',
    description:
      'From now on its writes are rejected, and within five seconds its reads. The keys that derive ' +
      'from it are revoked too. A repeat changes nothing.',
  })
  @ApiNoContentResponse()
  @ApiProblems([404, 'not_found'])
  async revoke(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
  ): Promise<void> {
    await this.writes.run(request, principal, (tx) => this.revokeApiKey.execute(tx, id, actor));
  }

  private async shown(tx: Tx, principal: Principal, { id, secret }: CreatedApiKey): Promise<ApiKeySecretDto> {
    return { ...ApiKeyDto.of(await this.found(tx, principal, id)), secret };
  }

  private async found(tx: Tx, { tenantId }: Principal, id: string) {
    const key = await this.keys.find(tx, tenantId, id);
    if (!key) throw new ApiKeyUnknown();
    return key;
  }
}
