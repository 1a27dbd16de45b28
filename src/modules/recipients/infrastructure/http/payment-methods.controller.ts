import { Body, Controller, Get, Param, Put, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import type { Actor } from '../../../../kernel/actor';
import { ApiProblems, IdPipe } from '../../../../platform/http';
import { AuthorizedTransaction, CurrentActor, CurrentPrincipal, Scopes } from '../../../../platform/access';
import type { Principal } from '../../../../kernel/principal';
import { ChoosePaymentMethod } from '../../application/choose-payment-method';
import { RecipientReadStore } from '../../application/ports';
import { RecipientUnknown } from '../../domain/errors';
import { ChoosePaymentMethodDto, PaymentMethodsDto } from './dto/payment-method.dto';

@ApiTags('recipients')
@Controller('recipients/:id/payment-methods')
export class PaymentMethodsController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly writes: AuthorizedTransaction,
    private readonly recipients: RecipientReadStore,
    private readonly choosePaymentMethod: ChoosePaymentMethod,
  ) {}

  @Get()
  @Scopes('recipients:read')
  @ApiOperation({
    operationId: 'listPaymentMethods',
    summary: 'The payment methods of a recipient',
    description:
      'manual_bank_transfer needs bank details, stripe_connected_account a connected account, ' +
      'which is the default unless another one was chosen.',
  })
  @ApiOkResponse({ type: PaymentMethodsDto })
  @ApiProblems([404, 'recipient_not_found'])
  all(@CurrentPrincipal() principal: Principal, @Param('id', IdPipe) id: string): Promise<PaymentMethodsDto> {
    return this.uow.run(principal.tenantId, (tx) => this.methodsOf(tx, id), { readOnly: true });
  }

  @Put('default')
  @Scopes('recipients:write')
  @ApiOperation({
    operationId: 'chooseDefaultPaymentMethod',
    summary: 'Choose the default payment method',
    description: 'For new payments that name no rail. Existing payments keep their rail.',
  })
  @ApiOkResponse({ type: PaymentMethodsDto })
  @ApiProblems([404, 'recipient_not_found'], [409, 'payment_method_missing'], 422)
  choose(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() { type }: ChoosePaymentMethodDto,
  ): Promise<PaymentMethodsDto> {
    return this.writes.run(request, principal, async (tx) => {
      await this.choosePaymentMethod.execute(tx, id, type, actor);
      return this.methodsOf(tx, id);
    });
  }

  private async methodsOf(tx: Tx, id: string): Promise<PaymentMethodsDto> {
    const recipient = await this.recipients.byId(tx, id);
    if (!recipient) throw new RecipientUnknown();
    return PaymentMethodsDto.of(recipient);
  }
}
