import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/actor';
import { newId } from '../../../kernel/ids';
import type { Tx } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import { RailAccountMissing, WebhookEndpointUnknown } from '../domain/errors';
import type { EndpointFamily } from '../domain/provider-event';
import { RailAccountStore, type WebhookEndpoint, WebhookEndpointStore } from './ports';

/** Creates an endpoint for a provider's events, and rotates its signing secret without losing an event. */
@Injectable()
export class OpenWebhookEndpoint {
  constructor(
    private readonly accounts: RailAccountStore,
    private readonly endpoints: WebhookEndpointStore,
    private readonly audit: AuditTrail,
  ) {}

  async execute(
    tx: Tx,
    wanted: { family: EndpointFamily; secret: string },
    actor: Actor,
  ): Promise<WebhookEndpoint> {
    const account = await this.accounts.byRail(tx, 'stripe');
    if (!account) throw new RailAccountMissing('stripe');
    const endpoint = {
      id: newId(),
      railAccountId: account.id,
      family: wanted.family,
      secrets: [wanted.secret],
      createdAt: new Date(),
    };
    await this.endpoints.add(tx, endpoint);
    const after = { family: endpoint.family, rail_account_id: account.id };
    await this.audit.record(tx, actor, {
      action: 'webhook_endpoint.opened',
      entity: entityOf(endpoint.id),
      after,
    });
    return endpoint;
  }

  async rotate(tx: Tx, id: string, secret: string, actor: Actor): Promise<void> {
    if (!(await this.endpoints.rotate(tx, id, secret))) throw new WebhookEndpointUnknown();
    await this.audit.record(tx, actor, {
      action: 'webhook_endpoint.secret_rotated',
      entity: entityOf(id),
      after: { secret: 'replaced' },
    });
  }

  async dropPrevious(tx: Tx, id: string, actor: Actor): Promise<void> {
    if (!(await this.endpoints.dropPrevious(tx, id))) throw new WebhookEndpointUnknown();
    await this.audit.record(tx, actor, {
      action: 'webhook_endpoint.previous_secret_dropped',
      entity: entityOf(id),
    });
  }
}

function entityOf(id: string) {
  return { kind: 'webhook_endpoint', id };
}
