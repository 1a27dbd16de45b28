import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { tenantIdOf } from '../../../../kernel/ids';
import type { Actor } from '../../../../kernel/actor';
import { ApiPage, type Page, Pages } from '../../../../platform/pagination';
import { ApiProblems, IdPipe } from '../../../../platform/http';
import { AuthorizedTransaction, CurrentActor, CurrentUser, WithoutTenant } from '../../../../platform/access';
import { IdempotencyKey, IdempotentResponse, IdempotentRoute } from '../../../../platform/idempotency';
import type { AuthenticatedUser } from '../../../../kernel/principal';
import { ListTenants } from '../../application/list-tenants.query';
import { type PlatformAdmin, TenantAdministration } from '../../application/tenant-administration';
import { CreateTenantDto, TenantDto, TenantQueryDto, TenantReasonDto } from './dto/tenants.dto';

@ApiTags('tenancy')
@Controller('tenants')
export class TenantsController {
  constructor(
    private readonly administration: TenantAdministration,
    private readonly listTenants: ListTenants,
    private readonly writes: AuthorizedTransaction,
    private readonly pages: Pages,
  ) {}

  @Post()
  @WithoutTenant('tenants:write')
  @IdempotentRoute()
  @ApiOperation({
    summary: 'Create a tenant',
    description:
      'The tenant is active, with default settings and without users: invite its first administrator with ' +
      '`POST /users`. An idempotency key is valid for your user and for ever; a repeat returns the tenant ' +
      'as it is now.',
  })
  @ApiCreatedResponse({ type: TenantDto })
  @ApiProblems([403, 'csrf_failed'], [422, 'validation_failed', 'invalid_tenant_name'])
  async create(
    @Req() request: FastifyRequest,
    @CurrentUser() user: AuthenticatedUser,
    @CurrentActor() actor: Actor,
    @IdempotencyKey() key: string,
    @Body() body: CreateTenantDto,
  ): Promise<IdempotentResponse> {
    const { tenant, isNew } = await this.writes.withPerson(request, user, (admin) =>
      this.administration.create(body.name, key, adminOf(admin, actor)),
    );
    const response = { status: 201, body: TenantDto.of(tenant), location: `/api/v1/tenants/${tenant.id}` };
    return IdempotentResponse.unstored(response, { isRepeat: !isNew });
  }

  @Get()
  @WithoutTenant('tenants:read')
  @ApiOperation({ summary: 'Tenants of the installation, newest first' })
  @ApiPage(TenantDto)
  async all(@Req() request: FastifyRequest, @Query() query: TenantQueryDto): Promise<Page<TenantDto>> {
    const { status, name, slug } = query;
    const window = this.pages.window(request, null, query);
    const rows = await this.listTenants.execute({ status, name, slug }, window);
    return this.pages.page(
      request,
      null,
      window,
      rows,
      ({ position, id }) => [position, id],
      (tenant) => TenantDto.of(tenant),
    );
  }

  @Get(':id')
  @WithoutTenant('tenants:read')
  @ApiOperation({ summary: 'One tenant' })
  @ApiOkResponse({ type: TenantDto })
  @ApiProblems([404, 'tenant_unknown'])
  async one(@Param('id', IdPipe) id: string): Promise<TenantDto> {
    return TenantDto.of(await this.administration.find(tenantIdOf(id)));
  }

  @Post(':id/suspend')
  @HttpCode(200)
  @WithoutTenant('tenants:write')
  @ApiOperation({
    summary: 'Suspend a tenant',
    description:
      'From now on the writes of its keys and users are rejected, and within five seconds their reads. No ' +
      'new transfer is sent; a transfer that was already sent is completed. A repeat changes nothing.',
  })
  @ApiOkResponse({ type: TenantDto })
  @ApiProblems([403, 'csrf_failed'], [404, 'tenant_unknown'], 422)
  async suspend(
    @Req() request: FastifyRequest,
    @CurrentUser() user: AuthenticatedUser,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() { reason }: TenantReasonDto,
  ): Promise<TenantDto> {
    return TenantDto.of(
      await this.writes.withPerson(request, user, (admin) =>
        this.administration.suspend(tenantIdOf(id), reason, adminOf(admin, actor)),
      ),
    );
  }

  @Post(':id/reactivate')
  @HttpCode(200)
  @WithoutTenant('tenants:write')
  @ApiOperation({
    summary: 'Reactivate a suspended tenant',
    description:
      'Its keys and users have access again, and waiting transfers are sent. A repeat changes nothing.',
  })
  @ApiOkResponse({ type: TenantDto })
  @ApiProblems([403, 'csrf_failed'], [404, 'tenant_unknown'], 422)
  async reactivate(
    @Req() request: FastifyRequest,
    @CurrentUser() user: AuthenticatedUser,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() { reason }: TenantReasonDto,
  ): Promise<TenantDto> {
    return TenantDto.of(
      await this.writes.withPerson(request, user, (admin) =>
        this.administration.reactivate(tenantIdOf(id), reason, adminOf(admin, actor)),
      ),
    );
  }
}

function adminOf({ userId, accessEpoch }: AuthenticatedUser, actor: Actor): PlatformAdmin {
  return { actor: { ...actor, id: userId }, accessEpoch };
}
