import { randomBytes } from 'node:crypto';
import { type TestTenant, until } from '../../../support';

export interface PayoutShown {
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

export interface EventShown {
  readonly type: string;
  readonly from: string | null;
  readonly to: string;
  readonly reason: string | null;
  readonly actor: string;
}

export const newKey = (): string => `test-${randomBytes(8).toString('hex')}`;

/** Answers refusals too. */
export function ask(tenant: TestTenant, order: object, key = newKey()) {
  return tenant.call<PayoutShown & { code: string; errors?: Record<string, string[]> }>(
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
): Promise<PayoutShown> {
  return tenant.post<PayoutShown>('/payouts', {
    recipient_id: recipientId,
    amount,
    currency: 'USD',
    ...more,
  });
}

export function shown(tenant: TestTenant, id: string): Promise<PayoutShown> {
  return tenant.get(`/payouts/${id}`);
}

export function become(tenant: TestTenant, id: string, status: string): Promise<PayoutShown> {
  return until(`payout ${id} is ${status}`, async () => {
    const payout = await shown(tenant, id);
    return payout.status === status && payout;
  });
}

/** Oldest first, as one tells it. */
export async function storyOf(tenant: TestTenant, id: string): Promise<EventShown[]> {
  return (await tenant.get<{ results: EventShown[] }>(`/payouts/${id}/events`)).results.reverse();
}
