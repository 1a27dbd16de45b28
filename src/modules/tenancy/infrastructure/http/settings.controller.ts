import { Body, Controller, Get, Put, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { UnitOfWork } from '../../../../kernel/tx';
import type { Actor } from '../../../../kernel/actor';
import { ApiProblems } from '../../../../platform/http';
import { AuthorizedTransaction, CurrentActor, CurrentPrincipal, Scopes } from '../../../../platform/access';
import type { Principal } from '../../../../kernel/principal';
import { ChangeTenantSettings } from '../../application/change-tenant-settings';
import { Tenancy } from '../../application/tenancy.facade';
import { shownSettings } from '../../domain/settings';
import { ChangeSettingsDto, SettingsDto } from './dto/settings.dto';

@ApiTags('tenancy')
@Controller('tenant/settings')
export class SettingsController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly writes: AuthorizedTransaction,
    private readonly tenancy: Tenancy,
    private readonly changeSettings: ChangeTenantSettings,
  ) {}

  @Get()
  @Scopes('tenant:read')
  @ApiOperation({ summary: 'Settings of your tenant' })
  @ApiOkResponse({ type: SettingsDto })
  async read(@CurrentPrincipal() principal: Principal): Promise<SettingsDto> {
    return shownSettings(await this.uow.run(principal.tenantId, (tx) => this.tenancy.settingsOf(tx)));
  }

  @Put()
  @Scopes('tenant:write')
  @ApiOperation({
    summary: 'Replace the settings of your tenant',
    description: 'Without `approval_above` the limits stay; an empty list removes all limits.',
  })
  @ApiOkResponse({ type: SettingsDto })
  @ApiProblems([422, 'validation_failed', 'invalid_currency', 'invalid_amount', 'invalid_tenant_settings'])
  async replace(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Body() dto: ChangeSettingsDto,
  ): Promise<SettingsDto> {
    const change = {
      allowedCurrencies: dto.allowed_currencies,
      maxAttempts: dto.max_attempts,
      approvalAbove: dto.approval_above,
    };
    return shownSettings(
      await this.writes.run(request, principal, (tx) => this.changeSettings.execute(tx, change, actor)),
    );
  }
}
