import { Body, Controller, Get, Put, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Money } from '../../../../kernel/money';
import { UnitOfWork } from '../../../../kernel/tx';
import { ApiProblems, CallerWrites, CurrentPrincipal, Scopes, type Principal } from '../../../../platform/http';
import { Tenancy } from '../../application/tenancy.facade';
import type { TenantSettings } from '../../contract';
import { ChangeSettingsDto, SettingsDto } from './settings.dto';

@ApiTags('tenancy')
@Controller('tenant/settings')
export class SettingsController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly writes: CallerWrites,
    private readonly tenancy: Tenancy,
  ) {}

  @Get()
  @Scopes('tenant:read')
  @ApiOperation({ summary: 'Settings of your tenant' })
  @ApiOkResponse({ type: SettingsDto })
  async read(@CurrentPrincipal() principal: Principal): Promise<SettingsDto> {
    return dtoOf(await this.uow.run(principal.tenantId, (tx) => this.tenancy.settingsOf(tx)));
  }

  @Put()
  @Scopes('tenant:write')
  @ApiOperation({ summary: 'Replace the settings of your tenant', description: '`approval_above` stays as it is when it is left out; an empty list takes every limit away.' })
  @ApiOkResponse({ type: SettingsDto })
  @ApiProblems([422, 'validation_failed', 'invalid_currency', 'invalid_amount', 'invalid_tenant_settings'])
  async replace(@Req() request: FastifyRequest, @CurrentPrincipal() principal: Principal, @Body() dto: ChangeSettingsDto): Promise<SettingsDto> {
    const change = { allowedCurrencies: dto.allowed_currencies, maxAttempts: dto.max_attempts, approvalAbove: dto.approval_above };
    return dtoOf(await this.writes.run(request, principal, (tx) => this.tenancy.changeSettings(tx, change)));
  }
}

function dtoOf(settings: TenantSettings): SettingsDto {
  return {
    allowed_currencies: [...settings.allowedCurrencies],
    max_attempts: settings.maxAttempts,
    approval_above: [...settings.approvalAbove].map(([currency, minor]) => Money.of(minor, currency).toJSON()),
  };
}
