import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import type { Actor } from '../../../../kernel/actor';
import { ApiPage, type Page, Pages } from '../../../../platform/pagination';
import { ApiProblems, IdPipe } from '../../../../platform/http';
import { AuthorizedTransaction, CurrentActor, CurrentPrincipal, Scopes } from '../../../../platform/access';
import { Idempotency, type IdempotentResponse, IdempotentRoute } from '../../../../platform/idempotency';
import type { Principal } from '../../../../kernel/principal';
import { ConnectAccount } from '../../application/connect-account';
import { type ListedRecipient, RecipientReadStore } from '../../application/ports';
import { type RecipientInput, RegisterRecipient } from '../../application/register-recipient';
import { RecipientUnknown } from '../../domain/errors';
import { RecipientDto, RecipientQueryDto } from './dto/recipient.dto';
import { ChangeRecipientDto, ConnectAccountDto, RegisterRecipientDto } from './dto/recipient-input.dto';

@ApiTags('recipients')
@Controller('recipients')
export class RecipientsController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly writes: AuthorizedTransaction,
    private readonly recipients: RecipientReadStore,
    private readonly registerRecipient: RegisterRecipient,
    private readonly connectAccount: ConnectAccount,
    private readonly idempotency: Idempotency,
    private readonly pages: Pages,
  ) {}

  @Post()
  @IdempotentRoute({ required: false })
  @Scopes('recipients:write')
  @ApiOperation({ summary: 'Register a recipient' })
  @ApiCreatedResponse({ type: RecipientDto })
  @ApiProblems([409, 'external_id_taken'], [422, 'validation_failed', 'invalid_recipient'])
  register(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Body() body: RegisterRecipientDto,
  ): Promise<IdempotentResponse> {
    return this.idempotency.execute(request, principal, async (tx) => {
      const { type, name, country } = body;
      const { id } = await this.registerRecipient.execute(
        tx,
        { ...inputOf(body), type, name, country, externalId: body.external_id },
        actor,
      );
      return {
        status: 201,
        body: RecipientDto.of(await this.found(tx, id)),
        location: `/api/v1/recipients/${id}`,
      };
    });
  }

  @Get()
  @Scopes('recipients:read')
  @ApiOperation({
    summary: 'List recipients, newest first',
    description:
      'Filters hold together. `search` finds a part of the name or of the external_id, in any case.',
  })
  @ApiPage(RecipientDto)
  async list(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Query() query: RecipientQueryDto,
  ): Promise<Page<RecipientDto>> {
    const window = this.pages.window(request, principal, query);
    const rows = await this.uow.run(
      principal.tenantId,
      (tx) => this.recipients.list(tx, query.filters(), window, query.search?.normalize('NFC')),
      { readOnly: true },
    );
    return this.pages.page(
      request,
      principal,
      window,
      rows,
      (row) => [row.id],
      (row) => RecipientDto.of(row),
    );
  }

  @Get(':id')
  @Scopes('recipients:read')
  @ApiOperation({ summary: 'One recipient' })
  @ApiOkResponse({ type: RecipientDto })
  @ApiProblems([404, 'recipient_not_found'])
  async one(
    @CurrentPrincipal() principal: Principal,
    @Param('id', IdPipe) id: string,
  ): Promise<RecipientDto> {
    return RecipientDto.of(
      await this.uow.run(principal.tenantId, (tx) => this.found(tx, id), { readOnly: true }),
    );
  }

  @Patch(':id')
  @Scopes('recipients:write')
  @ApiOperation({
    summary: 'Change a recipient',
    description: 'Only what is sent changes; metadata is replaced as a whole.',
  })
  @ApiOkResponse({ type: RecipientDto })
  @ApiProblems([404, 'recipient_not_found'], [422, 'validation_failed', 'invalid_recipient'])
  async change(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: ChangeRecipientDto,
  ): Promise<RecipientDto> {
    return this.writes.run(request, principal, async (tx) => {
      await this.registerRecipient.change(tx, id, inputOf(body), actor);
      return RecipientDto.of(await this.found(tx, id));
    });
  }

  @Post(':id/connected-account')
  @HttpCode(200)
  @Scopes('recipients:write')
  @ApiOperation({
    operationId: 'connectRecipientAccount',
    summary: 'Connect the Stripe account of a recipient',
    description:
      'The account is read at Stripe with your key. While its transfers capability is pending, payments wait for it.',
  })
  @ApiOkResponse({ type: RecipientDto })
  @ApiProblems(
    [404, 'recipient_not_found'],
    [409, 'rail_account_missing', 'rail_account_refused', 'connected_account_taken'],
    [422, 'validation_failed', 'account_not_found'],
    [503, 'provider_unreachable'],
  )
  async connect(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: ConnectAccountDto,
  ): Promise<RecipientDto> {
    await this.writes.retryingAccess(request, principal, ({ tenantId, accessEpoch }) =>
      this.connectAccount.execute({
        tenant: tenantId,
        accessEpoch,
        recipientId: id,
        stripeAccountId: body.stripe_account_id,
        actor,
      }),
    );
    return RecipientDto.of(
      await this.uow.run(principal.tenantId, (tx) => this.found(tx, id), { readOnly: true }),
    );
  }

  private async found(tx: Tx, id: string): Promise<ListedRecipient> {
    const recipient = await this.recipients.byId(tx, id);
    if (!recipient) throw new RecipientUnknown();
    return recipient;
  }
}

function inputOf(body: ChangeRecipientDto): RecipientInput {
  const { type, name, country, metadata } = body;
  return {
    type,
    name,
    country,
    metadata,
    accountNumber: body.account_number,
    bankCode: body.bank_code,
    isActive: body.is_active,
  };
}
