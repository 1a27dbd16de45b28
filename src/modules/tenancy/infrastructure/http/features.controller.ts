import { Body, Controller, Get, Param, Put, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { UnitOfWork } from '../../../../kernel/tx';
import type { Actor } from '../../../../kernel/actor';
import { ApiProblems } from '../../../../platform/http';
import { AuthorizedTransaction, CurrentActor, CurrentPrincipal, Scopes } from '../../../../platform/access';
import type { Principal } from '../../../../kernel/principal';
import { TenantFeatures } from '../../application/tenant-features';
import { FEATURE_NAMES, FEATURES } from '../../contract';

export class SwitchFeatureDto {
  @ApiProperty({ example: true })
  @IsBoolean()
  enabled: boolean;
}

export class FeatureDto extends SwitchFeatureDto {
  @ApiProperty({ enum: FEATURE_NAMES }) name: string;
  @ApiProperty({ example: FEATURES.audit_export }) description: string;
}

export class FeaturesDto {
  @ApiProperty({ type: [FeatureDto] }) results: FeatureDto[];
}

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
    summary: 'Every feature there is, and whether your tenant has it',
    description: 'All are off until they are turned on.',
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
    summary: 'Turn a feature on or off',
    description: 'Other processes of the installation follow within 5 seconds.',
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
