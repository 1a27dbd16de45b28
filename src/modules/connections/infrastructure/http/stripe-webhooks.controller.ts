import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { ApiProblems, BytesBody, HttpProblem } from '../../../../platform/http';
import { Public } from '../../../../platform/access';
import { Metrics } from '../../../../platform/metrics';
import { ReceiveProviderEvent } from '../../application/receive-provider-event';

class ReceivedDto {
  @ApiProperty({ example: true })
  received: boolean;
}

@ApiTags('webhooks')
@Controller('webhooks/stripe')
export class StripeWebhooksController {
  private readonly received;

  constructor(
    private readonly receiveProviderEvent: ReceiveProviderEvent,
    metrics: Metrics,
  ) {
    this.received = metrics.counter({
      name: 'disburse_provider_events_total',
      help: 'Provider events by what became of them; forged ones leave no other trace',
      labels: ['reception'],
    });
  }

  @Post(':endpoint_id')
  @HttpCode(200)
  @Public()
  @BytesBody()
  @ApiOperation({
    operationId: 'receiveStripeEvent',
    summary: 'Receive an event of Stripe',
    description: 'Called by Stripe. 200 means that the event is stored, is a repeat, or matches no tenant.',
  })
  @ApiHeader({
    name: 'Stripe-Signature',
    required: true,
    schema: {
      type: 'string',
      example: 't=1763712000,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd',
    },
  })
  @ApiBody({
    schema: { type: 'object', example: { id: 'evt_1HxAbC', object: 'event', type: 'account.updated' } },
  })
  @ApiOkResponse({ type: ReceivedDto })
  @ApiProblems([400, 'webhook_signature_invalid'], [404, 'webhook_endpoint_not_found'], 503)
  async receive(
    @Param('endpoint_id') endpointId: string,
    @Headers('stripe-signature') signature: string | undefined,
    @Body() raw: unknown,
  ): Promise<ReceivedDto> {
    const body = Buffer.isBuffer(raw) ? raw : Buffer.alloc(0);
    const reception = await this.receiveProviderEvent.execute({ endpointId, raw: body, signature });
    this.received.inc({ reception });
    if (reception === 'forged')
      throw new HttpProblem(
        400,
        'webhook_signature_invalid',
        'The signature does not match the body, or is older than 300 seconds.',
      );
    return { received: true };
  }
}
