import { Body, Controller, Get, Put, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { UnitOfWork } from '../../../../kernel/tx';
import type { Actor } from '../../../../kernel/actor';
import { ApiProblems } from '../../../../platform/http';
import { AuthorizedTransaction, CurrentActor, CurrentPrincipal, Scopes } from '../../../../platform/access';
import type { Principal } from '../../../../kernel/principal';
import { TenantBranding } from '../../application/tenant-branding';
import { shownBranding } from '../../domain/branding';
import { BrandingDto, ReplaceBrandingDto } from './dto/branding.dto';

@ApiTags('tenancy')
@Controller('tenant/branding')
export class BrandingController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly writes: AuthorizedTransaction,
    private readonly tenantBranding: TenantBranding,
  ) {}

  @Get()
  @Scopes('tenant:read')
  @ApiOperation({ summary: 'Name, logo, colour and support addresses of your tenant' })
  @ApiOkResponse({ type: BrandingDto })
  async read(@CurrentPrincipal() principal: Principal): Promise<BrandingDto> {
    return shownBranding(await this.uow.run(principal.tenantId, (tx) => this.tenantBranding.read(tx)));
  }

  @Put()
  @Scopes('tenant:write')
  @ApiOperation({
    summary: 'Replace the branding of your tenant',
    description: 'Replaces all fields: a field that is left out is removed.',
  })
  @ApiOkResponse({ type: BrandingDto })
  @ApiProblems(422)
  async replace(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Body() dto: ReplaceBrandingDto,
  ): Promise<BrandingDto> {
    const {
      display_name: displayName,
      logo_url: logoUrl = null,
      primary_color: primaryColor = null,
      support_email: supportEmail = null,
      support_url: supportUrl = null,
    } = dto;
    const branding = { displayName, logoUrl, primaryColor, supportEmail, supportUrl };
    return shownBranding(
      await this.writes.run(request, principal, (tx) => this.tenantBranding.replace(tx, branding, actor)),
    );
  }
}
