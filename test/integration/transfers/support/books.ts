import Stripe from 'stripe';
import type { TestTenant } from '../../../support';

interface AccountShown {
  readonly kind: string;
  readonly owner: string | null;
  readonly balance: string;
}

/** Kinds whose owner is the recipient; others belong to the tenant or its rail account. */
const OF_RECIPIENT = ['payable', 'reserved', 'returned', 'overpaid'];

/** The balances other than zero of the tenant and of one recipient, from GET /ledger/accounts. */
export async function booksOf(tenant: TestTenant, recipientId: string): Promise<Record<string, string>> {
  const { results } = await tenant.get<{ results: AccountShown[] }>(
    '/ledger/accounts?currency=USD&limit=100',
  );
  const own = results.filter(({ kind, owner }) => !OF_RECIPIENT.includes(kind) || owner === recipientId);
  return Object.fromEntries(
    own.filter(({ balance }) => balance !== '0.00').map(({ kind, balance }) => [kind, balance]),
  );
}

/** An unmodified client with the tenant's key, as its back office would use it. */
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
