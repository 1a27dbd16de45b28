import { randomBytes } from 'node:crypto';
import { type TestTenant, until } from '../../../support';

export interface PayoutJson {
  readonly id: string;
  readonly recipient_id: string;
  readonly amount: string;
  readonly currency: string;
  readonly status: string;
  readonly reason: string | null;
  readonly rail: string;
  readonly recipient_name_snapshot: string;
  readonly account_number_snapshot: string | null;
  readonly bank_code_snapshot: string | null;
  readonly transfer_id: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly finished_at: string | null;
}

export interface EventJson {
  readonly type: string;
  readonly from: string | null;
  readonly to: string;
  readonly reason: string | null;
  readonly actor: string;
}

export const newKey = (): string => `test-${randomBytes(8).toString('hex')}`;

/** Returns error responses, too, instead of throwing. */
export function requestPayout(tenant: TestTenant, order: object, key = newKey()) {
  return tenant.call<PayoutJson & { code: string; errors?: Record<string, string[]> }>(
    'POST',
    '/payouts',
    order,
    { 'Idempotency-Key': key },
  );
}

export async function pay(
  tenant: TestTenant,
  recipientId: string,
  amount = '100.50',
  more: object = {},
): Promise<PayoutJson> {
  return tenant.post<PayoutJson>('/payouts', {
    recipient_id: recipientId,
    amount,
    currency: 'USD',
    ...more,
  });
}

export function getPayout(tenant: TestTenant, id: string): Promise<PayoutJson> {
  return tenant.get(`/payouts/${id}`);
}

export function waitForStatus(tenant: TestTenant, id: string, status: string): Promise<PayoutJson> {
  return until(`payout ${id} is ${status}`, async () => {
    const payout = await getPayout(tenant, id);
    return payout.status === status && payout;
  });
}

/** The events of a payout, oldest first. */
export async function eventsOf(tenant: TestTenant, id: string): Promise<EventJson[]> {
  return (await tenant.get<{ results: EventJson[] }>(`/payouts/${id}/events`)).results.reverse();
}
