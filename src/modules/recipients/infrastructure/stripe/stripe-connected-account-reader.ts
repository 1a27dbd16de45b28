import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import { ProviderUnreachable, readAtStripe, StripeClients } from '../../../connections';
import { AccountReader, type ProviderAccountState } from '../../application/ports';
import { stateOf } from './account-state';

@Injectable()
export class StripeConnectedAccountReader extends AccountReader {
  constructor(private readonly clients: StripeClients) {
    super();
  }

  async read(
    tenant: TenantId,
    railAccountId: string,
    stripeAccountId: string,
  ): Promise<ProviderAccountState | null> {
    const client = await this.clients.for(tenant, railAccountId);
    const account = await readAtStripe('account', () => client.accounts.retrieve(stripeAccountId));
    if (!account || 'deleted' in account) return null;
    if (account.id !== stripeAccountId) throw new ProviderUnreachable();
    return stateOf(account);
  }
}
