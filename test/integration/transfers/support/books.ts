import Stripe from 'stripe';
import type { TestTenant } from '../../../support';

interface AccountShown {
  readonly kind: string;
  readonly owner: string | null;
  readonly balance: string;
}

/** Kinds whose owner is the recipient; every other is the tenant's or its rail account's. */
const OF_RECIPIENT = ['payable', 'reserved', 'returned', 'overpaid'];

/** The balances that are not zero, as GET /ledger/accounts tells them, of the tenant and of one recipient. */
export async function booksOf(tenant: TestTenant, recipientId: string): Promise<Record<string, string>> {
  const { results } = await tenant.get<{ results: AccountShown[] }>(
    '/ledger/accounts?currency=USD&limit=100',
  );
  const own = results.filter(({ kind, owner }) => !OF_RECIPIENT.includes(kind) || owner === recipientId);
  return Object.fromEntries(
    own.filter(({ balance }) => balance !== '0.00').map(({ kind, balance }) => [kind, balance]),
  );
}

/** The tenant's own client, unchanged, as its back office uses it beside us. */
export function stripeOf(tenant: TestTenant): Stripe {
  return new Stripe(tenant.stripeKey, {
    ...tenant.simulator.stripeConfig,
    maxNetworkRetries: 0,
    telemetry: false,
  });
}

export async function providerBalance(tenant: TestTenant): Promise<number> {
  const { available } = await stripeOf(tenant).balance.retrieve();
  return available.find(({ currency }) => currency === 'usd')?.amount ?? 0;
}

/** The tenant's Stripe account: its id here and at the provider. */
export async function railAccountOf(
  tenant: TestTenant,
): Promise<{ id: string; provider_account_id: string }> {
  const { results } = await tenant.get<{
    results: { id: string; rail: string; provider_account_id: string }[];
  }>('/connections/rail-accounts');
  return results.find(({ rail }) => rail === 'stripe') as { id: string; provider_account_id: string };
}

export async function stripeAccountOf(tenant: TestTenant, recipientId: string): Promise<string> {
  const { connected_account: account } = await tenant.get<{
    connected_account: { stripe_account_id: string };
  }>(`/recipients/${recipientId}`);
  return account.stripe_account_id;
}
