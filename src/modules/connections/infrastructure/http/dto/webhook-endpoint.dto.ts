import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { IsOneOf } from '../../../../../platform/http';
import type { WebhookEndpoint } from '../../../application/ports';
import { ENDPOINT_FAMILIES, type EndpointFamily } from '../../../domain/provider-event';

export class WebhookSecretDto {
  @ApiProperty({
    example: 'whsec_7bG1kQ0v9TnYcXw3',
    writeOnly: true,
    description: 'The signing secret that Stripe shows for the endpoint. Stored encrypted, never returned.',
  })
  @Matches(/^whsec_[\x21-\x7e]{8,240}$/, { message: 'secret must be a signing secret of Stripe (whsec_…)' })
  secret: string;
}

export class OpenWebhookEndpointDto extends WebhookSecretDto {
  @ApiProperty({
    enum: ENDPOINT_FAMILIES,
    example: 'account',
    description:
      'account: events of your own account. connect: events of connected accounts. Each needs an endpoint.',
  })
  @IsOneOf(ENDPOINT_FAMILIES)
  family: EndpointFamily;
}

export class WebhookEndpointDto {
  @ApiProperty({ example: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10', format: 'uuid' })
  id: string;
  @ApiProperty({ enum: ENDPOINT_FAMILIES, example: 'account' })
  family: EndpointFamily;
  @ApiProperty({
    example: '/api/v1/webhooks/stripe/0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10',
    description: 'Register this path of your host at Stripe.',
  })
  path: string;
  @ApiProperty({ example: 1, description: '2 while the previous secret is still valid.' })
  secrets: number;
  @ApiProperty({ example: '2025-11-21T08:00:00.000Z', format: 'date-time' })
  created_at: string;

  static of(endpoint: WebhookEndpoint): WebhookEndpointDto {
    return {
      id: endpoint.id,
      family: endpoint.family,
      path: `/api/v1/webhooks/stripe/${endpoint.id}`,
      secrets: endpoint.secrets.length,
      created_at: endpoint.createdAt.toISOString(),
    };
  }
}
