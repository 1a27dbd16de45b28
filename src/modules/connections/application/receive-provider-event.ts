import { Injectable } from '@nestjs/common';
import { isUuid } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { Outbox } from '../../../platform/outbox';
import type { ProviderEventReceived } from '../contract';
import { WebhookEndpointUnknown } from '../domain/errors';
import { type ProviderEvent, sortedInto } from '../domain/provider-event';
import {
  EventSignatures,
  ProviderEventStore,
  type ReceivingWebhookEndpoint,
  type WebhookEndpoint,
  WebhookEndpointStore,
} from './ports';

export interface Delivery {
  readonly endpointId: string;
  readonly raw: Buffer;
  readonly signature: string | undefined;
}

/** `forged`: not signed with a secret of the endpoint, or too old. Nothing was written. */
export type Reception = 'accepted' | 'unmatched' | 'duplicate' | 'forged';

/**
 * Receives a provider's webhook: verifies it over the raw bytes, stores it once and publishes an event. A 200 means
 * that it is committed, so without a database the provider sends it again.
 */
@Injectable()
export class ReceiveProviderEvent {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly endpoints: WebhookEndpointStore,
    private readonly events: ProviderEventStore,
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
      return event ? this.store(tx, endpoint, event) : 'forged';
    });
  }

  private async store(tx: Tx, endpoint: ReceivingWebhookEndpoint, event: ProviderEvent): Promise<Reception> {
    const classified = sortedInto(event, endpoint);
    const isNew = await this.events.add(
      tx,
      endpoint.id,
      event,
      'unmatched' in classified ? classified.unmatched : null,
    );
    if (!isNew) return 'duplicate';
    if ('unmatched' in classified) return 'unmatched';
    await this.outbox.publish(tx, [classified.published.of(payloadOf(endpoint, event))]);
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
