import { Body, Controller, Get, Param, Put, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { UnitOfWork } from '../../../../kernel/tx';
import type { Actor } from '../../../../kernel/actor';
import { ApiProblems } from '../../../../platform/http';
import { AuthorizedTransaction, CurrentActor, CurrentPrincipal, Scopes } from '../../../../platform/access';
import type { Principal } from '../../../../kernel/principal';
import { TenantFeatures } from '../../application/tenant-features';
import { FEATURE_NAMES } from '../../contract';
import { FeatureDto, FeaturesDto, SwitchFeatureDto } from './dto/features.dto';

@ApiTags('tenancy')
@Controller('tenant/features')
export class FeaturesController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly writes: AuthorizedTransaction,
    private readonly features: TenantFeatures,
  ) {}

  @Get()
  @Scopes('tenant:read')
  @ApiOperation({
    operationId: 'listFeatures',
    summary: 'All features, and whether your tenant has them enabled',
    description: 'All features are disabled by default.',
  })
  @ApiOkResponse({ type: FeaturesDto })
  async all(@CurrentPrincipal() principal: Principal): Promise<FeaturesDto> {
    return {
      results: await this.uow.run(principal.tenantId, (tx) => this.features.list(tx), { readOnly: true }),
    };
  }

  @Put(':name')
  @Scopes('tenant:write')
  @ApiOperation({
    operationId: 'switchFeature',
    summary: 'Enable or disable a feature',
    description: 'Takes effect in all processes of the installation within 5 seconds.',
  })
  @ApiParam({ name: 'name', schema: { type: 'string', enum: [...FEATURE_NAMES] } })
  @ApiOkResponse({ type: FeatureDto })
  @ApiProblems([404, 'feature_unknown'], 422)
  change(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('name') name: string,
    @Body() { enabled }: SwitchFeatureDto,
  ): Promise<FeatureDto> {
    return this.writes.run(request, principal, (tx) => this.features.change(tx, name, enabled, actor));
  }
}
