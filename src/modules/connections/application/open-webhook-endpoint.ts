import { Injectable } from '@nestjs/common';
import { newId } from '../../../kernel/ids';
import type { Tx } from '../../../kernel/tx';
import { RailAccountMissing, WebhookEndpointUnknown } from '../domain/errors';
import type { EndpointFamily } from '../domain/provider-event';
import { RailAccounts, type WebhookEndpoint, WebhookEndpoints } from './ports';

/** Makes an address for a provider's events, and changes the secret it is signed with without losing one in between. */
@Injectable()
export class OpenWebhookEndpoint {
  constructor(
    private readonly accounts: RailAccounts,
    private readonly endpoints: WebhookEndpoints,
  ) {}

  async run(tx: Tx, wanted: { family: EndpointFamily; secret: string }): Promise<WebhookEndpoint> {
    const account = await this.accounts.byRail(tx, 'stripe');
    if (!account) throw new RailAccountMissing('stripe');
    const endpoint = { id: newId(), railAccountId: account.id, family: wanted.family, secrets: [wanted.secret], createdAt: new Date() };
    await this.endpoints.add(tx, endpoint);
    return endpoint;
  }

  async rotate(tx: Tx, id: string, secret: string): Promise<void> {
    if (!(await this.endpoints.rotate(tx, id, secret))) throw new WebhookEndpointUnknown();
  }

  async dropPrevious(tx: Tx, id: string): Promise<void> {
    if (!(await this.endpoints.dropPrevious(tx, id))) throw new WebhookEndpointUnknown();
  }
}
