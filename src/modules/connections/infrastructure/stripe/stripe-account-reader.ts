import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { CURRENCIES } from '../../../../kernel/money';
import type { TenantId } from '../../../../kernel/ids';
import {
  type BalanceReading,
  type ProviderAccount,
  ProviderAccountReader,
  type ProviderTopUp,
} from '../../application/ports';
import { ProviderKeyRefused, ProviderUnreachable, RailAccountRefused } from '../../domain/errors';
import { readAtStripe } from './read-at-stripe';
import { StripeClients } from './stripe-clients';

const PAGE = 100;
const TOP_UPS_MAX = 1_000;
/** Skips currencies that we do not know yet, so that all other balances can be read. */
const KNOWN = new Set<string>(CURRENCIES);

@Injectable()
export class StripeAccountReader extends ProviderAccountReader {
  constructor(private readonly clients: StripeClients) {
    super();
  }

  async accountOf(secretKey: string): Promise<ProviderAccount> {
    const account = await readAtStripe('account', () =>
      this.clients.withKey(secretKey).accounts.retrieveCurrent(),
    ).catch((error: unknown) => {
      throw error instanceof RailAccountRefused ? new ProviderKeyRefused() : error;
    });
    if (!account?.id) throw new ProviderUnreachable();
    return { id: account.id, mode: /^(sk|rk)_live_/.test(secretKey) ? 'live' : 'test' };
  }

  async balances(tenant: TenantId, railAccountId: string): Promise<BalanceReading[]> {
    const client = await this.clients.for(tenant, railAccountId);
    // The time before the request: the response may lack what happened during the request.
    const asOf = new Date();
    const balance = await readAtStripe('balance', () => client.balance.retrieve());
    const readings = (balance?.available ?? []).map((part) => ({
      currency: part.currency.toUpperCase(),
      availableMinor: BigInt(part.amount),
      asOf,
    }));
    return readings.filter((reading) => KNOWN.has(reading.currency));
  }

  async topUp(tenant: TenantId, railAccountId: string, id: string): Promise<ProviderTopUp | null> {
    const client = await this.clients.for(tenant, railAccountId);
    const topUp = await readAtStripe('topup', () => client.topups.retrieve(id));
    return topUp && succeeded(topUp);
  }

  async topUps(tenant: TenantId, railAccountId: string, since: Date): Promise<ProviderTopUp[]> {
    const client = await this.clients.for(tenant, railAccountId);
    const created = { gte: Math.floor(since.getTime() / 1000) };
    const found: ProviderTopUp[] = [];
    for (let after: string | undefined; found.length < TOP_UPS_MAX;) {
      const page = await readAtStripe('list', () =>
        client.topups.list({ created, limit: PAGE, starting_after: after }),
      );
      found.push(...(page?.data ?? []).map(succeeded).filter((topUp) => topUp !== null));
      after = page?.data.at(-1)?.id;
      if (!page?.has_more || !after) break;
    }
    return found;
  }

  keyReplaced(tenant: TenantId, railAccountId: string): void {
    this.clients.forget(tenant, railAccountId);
  }
}

function succeeded(topUp: Stripe.Topup): ProviderTopUp | null {
  const currency = topUp.currency.toUpperCase();
  if (topUp.status !== 'succeeded' || topUp.amount <= 0 || !KNOWN.has(currency)) return null;
  return { id: topUp.id, amountMinor: BigInt(topUp.amount), currency };
}
