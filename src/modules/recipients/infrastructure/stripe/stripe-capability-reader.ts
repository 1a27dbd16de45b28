import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import { ProviderUnreachable, readAtStripe, StripeClients } from '../../../connections';
import { AccountReader } from '../../application/ports';
import { CAPABILITY_STATES, type TransfersCapability } from '../../contract';

const KNOWN: ReadonlySet<string> = new Set(CAPABILITY_STATES);

/** `charges_enabled` is not asked for: accounts that only receive never have it. */
@Injectable()
export class StripeCapabilityReader extends AccountReader {
  constructor(private readonly clients: StripeClients) {
    super();
  }

  async capabilityOf(tenant: TenantId, railAccountId: string, stripeAccountId: string): Promise<TransfersCapability | null> {
    const client = await this.clients.for(tenant, railAccountId);
    const account = await readAtStripe('account', () => client.accounts.retrieve(stripeAccountId));
    if (!account || 'deleted' in account) return null;
    if (account.id !== stripeAccountId) throw new ProviderUnreachable();
    const state = account.capabilities?.transfers ?? 'unrequested';
    return KNOWN.has(state) ? (state as TransfersCapability) : 'inactive';
  }
}
