import { Injectable } from '@nestjs/common';
import { isUuid } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { Outbox } from '../../../platform/outbox';
import type { ProviderEventReceived } from '../contract';
import { WebhookEndpointUnknown } from '../domain/errors';
import { type ProviderEvent, sortedInto } from '../domain/provider-event';
import {
  EventSignatures,
  ProviderEvents,
  type ReceivingWebhookEndpoint,
  type WebhookEndpoint,
  WebhookEndpoints,
} from './ports';

export interface Delivery {
  readonly endpointId: string;
  readonly raw: Buffer;
  readonly signature: string | undefined;
}

/** `forged`: not signed by any of the endpoint's secrets, or too old. Nothing was written. */
export type Reception = 'accepted' | 'unmatched' | 'duplicate' | 'forged';

/**
 * A provider's call: verified over the raw bytes, written once, passed on by the outbox, and nothing else.
 * The answer 200 means committed, so a database that is away makes the provider send again.
 */
@Injectable()
export class ReceiveProviderEvent {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly endpoints: WebhookEndpoints,
    private readonly events: ProviderEvents,
    private readonly signatures: EventSignatures,
    private readonly outbox: Outbox,
  ) {}

  async execute(delivery: Delivery): Promise<Reception> {
    if (!isUuid(delivery.endpointId)) throw new WebhookEndpointUnknown();
    const tenant = await this.endpoints.tenantOf(delivery.endpointId);
    if (!tenant) throw new WebhookEndpointUnknown();
    return this.uow.run(tenant, async (tx) => {
      const endpoint = await this.endpoints.receiving(tx, delivery.endpointId);
      if (!endpoint) throw new WebhookEndpointUnknown();
      const event = this.signatures.verified(delivery.raw, delivery.signature, endpoint.secrets);
      return event ? this.keep(tx, endpoint, event) : 'forged';
    });
  }

  private async keep(tx: Tx, endpoint: ReceivingWebhookEndpoint, event: ProviderEvent): Promise<Reception> {
    const sorted = sortedInto(event, endpoint);
    const isNew = await this.events.add(
      tx,
      endpoint.id,
      event,
      'unmatched' in sorted ? sorted.unmatched : null,
    );
    if (!isNew) return 'duplicate';
    if ('unmatched' in sorted) return 'unmatched';
    await this.outbox.publish(tx, [sorted.published.of(payloadOf(endpoint, event))]);
    return 'accepted';
  }
}

function payloadOf(endpoint: WebhookEndpoint, event: ProviderEvent): ProviderEventReceived {
  return {
    endpoint_id: endpoint.id,
    rail_account_id: endpoint.railAccountId,
    provider_event_id: event.id,
    object_id: event.objectId,
    type: event.type,
  };
}
