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
import { type Runner, RunTenants } from '../../application/run-tenants';
import { CreateTenantDto, TenantDto, TenantQueryDto, TenantReasonDto } from './tenants.dto';

@ApiTags('tenancy')
@Controller('tenants')
export class TenantsController {
  constructor(
    private readonly runTenants: RunTenants,
    private readonly list: ListTenants,
    private readonly writes: AuthorizedTransaction,
    private readonly pages: Pages,
  ) {}

  @Post()
  @WithoutTenant('tenants:write')
  @IdempotentRoute()
  @ApiOperation({
    summary: 'Make a tenant',
    description:
      'Active from the start, with default settings and nobody inside: invite its first administrator by `POST /users`. A key counts for one person and for ever; a repeat answers the tenant as it is now.',
  })
  @ApiCreatedResponse({ type: TenantDto })
  @ApiProblems([403, 'csrf_failed'], [422, 'validation_failed', 'invalid_tenant_name'])
  async create(
    @Req() request: FastifyRequest,
    @CurrentUser() person: AuthenticatedUser,
    @CurrentActor() actor: Actor,
    @IdempotencyKey() key: string,
    @Body() body: CreateTenantDto,
  ): Promise<IdempotentResponse> {
    const { tenant, isNew } = await this.writes.withPerson(request, person, (known) =>
      this.runTenants.create(body.name, key, runnerOf(known, actor)),
    );
    const answer = { status: 201, body: TenantDto.of(tenant), location: `/api/v1/tenants/${tenant.id}` };
    return IdempotentResponse.told(answer, { isRepeat: !isNew });
  }

  @Get()
  @WithoutTenant('tenants:read')
  @ApiOperation({ summary: 'Tenants of the installation, newest first' })
  @ApiPage(TenantDto)
  async all(@Req() request: FastifyRequest, @Query() query: TenantQueryDto): Promise<Page<TenantDto>> {
    const { status, name, slug } = query;
    const window = this.pages.window(request, null, query);
    const rows = await this.list.execute({ status, name, slug }, window);
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
    return TenantDto.of(await this.runTenants.one(tenantIdOf(id)));
  }

  @Post(':id/suspend')
  @HttpCode(200)
  @WithoutTenant('tenants:write')
  @ApiOperation({
    summary: 'Suspend a tenant',
    description:
      'From now on its keys and people write nothing, and within five seconds they read nothing. No transfer of it begins; one whose call was begun ends as it ends. Saying it twice changes nothing.',
  })
  @ApiOkResponse({ type: TenantDto })
  @ApiProblems([403, 'csrf_failed'], [404, 'tenant_unknown'], 422)
  async suspend(
    @Req() request: FastifyRequest,
    @CurrentUser() person: AuthenticatedUser,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() { reason }: TenantReasonDto,
  ): Promise<TenantDto> {
    return TenantDto.of(
      await this.writes.withPerson(request, person, (known) =>
        this.runTenants.suspend(tenantIdOf(id), reason, runnerOf(known, actor)),
      ),
    );
  }

  @Post(':id/reactivate')
  @HttpCode(200)
  @WithoutTenant('tenants:write')
  @ApiOperation({
    summary: 'Let a suspended tenant go on',
    description:
      'Its keys and people are let in again, and what was held back goes on by itself. Saying it twice changes nothing.',
  })
  @ApiOkResponse({ type: TenantDto })
  @ApiProblems([403, 'csrf_failed'], [404, 'tenant_unknown'], 422)
  async reactivate(
    @Req() request: FastifyRequest,
    @CurrentUser() person: AuthenticatedUser,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() { reason }: TenantReasonDto,
  ): Promise<TenantDto> {
    return TenantDto.of(
      await this.writes.withPerson(request, person, (known) =>
        this.runTenants.reactivate(tenantIdOf(id), reason, runnerOf(known, actor)),
      ),
    );
  }
}

function runnerOf({ userId, accessEpoch }: AuthenticatedUser, actor: Actor): Runner {
  return { actor: { ...actor, id: userId }, accessEpoch };
}
