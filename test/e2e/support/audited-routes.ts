import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { type ApiResponse, until, type TestTenant, type TransferShown } from '../../support';

/** One call of each mutating route, in an order in which each finds the data it needs. */
export class AuditedRoutes {
  /** Actions in the trail under the id of the request that called the route. */
  readonly left: Record<string, string[]> = {};

  constructor(
    private readonly tenant: TestTenant,
    private readonly admin: Client,
    /** Of another user of the same tenant: approval needs two. */
    private readonly otherKey: string,
    /** Of a platform admin. */
    private readonly platformToken: string,
  ) {}

  async callAll(stripeKey: string): Promise<void> {
    await this.keys();
    await this.people();
    await this.tenants();
    await this.connections(stripeKey);
    const recipientId = await this.recipients(stripeKey);
    await this.settlements(recipientId);
    await this.payouts(recipientId);
    await this.transfers();
  }

  private async tenants(): Promise<void> {
    await this.call('PUT /api/v1/tenant/branding', {}, { display_name: 'Acme Contests' });
    await this.call('PUT /api/v1/tenant/features/{name}', { id: 'audit_export' }, { enabled: true });
    const headers = { Authorization: `Bearer ${this.platformToken}` };
    await this.call('POST /api/v1/tenants', {}, { name: 'Another' }, { headers });
    await this.call('POST /api/v1/tenants/{id}/suspend', this.tenant, { reason: 'unpaid' }, { headers });
    await this.call('POST /api/v1/tenants/{id}/reactivate', this.tenant, { reason: 'paid' }, { headers });
  }

  private async payouts(recipient_id: string): Promise<void> {
    const order = { recipient_id, amount: '1.00', currency: 'USD', rail: 'manual' };
    const { id } = await this.call<{ id: string }>('POST /api/v1/payouts', {}, order);
    await until(
      'it is processed',
      async () => (await this.tenant.get<{ status: string }>(`/payouts/${id}`)).status === 'PROCESSING',
    );
    await this.call('PATCH /api/v1/payouts/{id}', { id }, { status: 'FAILED', reason: 'audited' });
    await this.call('POST /api/v1/payouts/batch', {}, { payouts: [order] });
    // Without an event handler it stays new.
    await this.admin.query('BEGIN; LOCK TABLE platform.inbox IN SHARE MODE');
    await this.call('DELETE /api/v1/payouts/{id}', await this.tenant.post<{ id: string }>('/payouts', order));
    await this.call(
      'POST /api/v1/payouts/{id}/cancel',
      await this.tenant.post<{ id: string }>('/payouts', order),
      { reason: 'ordered twice' },
    );
    await this.admin.query('COMMIT');
  }

  private async keys(): Promise<void> {
    const key = await this.call('POST /api/v1/api-keys', {}, { name: 'audited', scopes: ['transfers:read'] });
    await this.call('POST /api/v1/api-keys/{id}/rotate', key, { overlap_s: 0 });
    await this.call('DELETE /api/v1/api-keys/{id}', key);
  }

  private async people(): Promise<void> {
    const [email, password] = ['ann@example.com', 'seven green elephants sing'];
    const { user_id: id, token } = await this.call<{ user_id: string; token: string }>(
      'POST /api/v1/users',
      {},
      { email, name: 'Ann Lee', role: 'analyst' },
    );
    await this.call('POST /api/v1/auth/accept-invitation', {}, { token, password });
    await this.call('PATCH /api/v1/users/{id}', { id }, { role: 'operator' });
    const reset = await this.call<{ token: string }>('POST /api/v1/users/{id}/reset-password', { id });
    await this.call(
      'POST /api/v1/auth/reset-password',
      {},
      { token: reset.token, password: `${password} again` },
    );
    const { access_token: own } = await this.tenant.must<{ access_token: string }>('POST', '/auth/token', {
      email,
      password: `${password} again`,
    });
    await this.call(
      'POST /api/v1/auth/change-password',
      {},
      { current_password: `${password} again`, new_password: password },
      { headers: { Authorization: `Bearer ${own}` } },
    );
    await this.call(
      'PATCH /api/v1/platform-users/{id}',
      { id },
      { is_active: false },
      { headers: { Authorization: `Bearer ${this.platformToken}` } },
    );
    await this.call('DELETE /api/v1/users/{id}', { id });
  }

  private async connections(secret_key: string): Promise<void> {
    const account = await this.call('PUT /api/v1/connections/stripe', {}, { secret_key });
    const endpoint = await this.call(
      'POST /api/v1/connections/webhook-endpoints',
      {},
      { family: 'account', secret: 'whsec_of_an_audited_route' },
    );
    await this.call('PUT /api/v1/connections/webhook-endpoints/{id}/secret', endpoint, {
      secret: 'whsec_of_another_day',
    });
    await this.call('DELETE /api/v1/connections/webhook-endpoints/{id}/previous-secret', endpoint);
    await this.call('POST /api/v1/operations/rail-accounts/{id}/pause', account, { reason: 'wrong amounts' });
    await this.call('POST /api/v1/operations/rail-accounts/{id}/resume', account, { reason: 'checked' });
    const fact = {
      rail_account_id: account.id,
      direction: 'in',
      amount: '10.00',
      currency: 'USD',
      reference: 'statement 1',
      reason: 'by bank',
    };
    await this.call('POST /api/v1/operations/funding-facts', {}, fact);
  }

  private async recipients(platform: string): Promise<string> {
    const ann = await this.call(
      'POST /api/v1/recipients',
      {},
      {
        type: 'INDIVIDUAL',
        name: 'Ann',
        country: 'US',
        account_number: 'US64000000',
        bank_code: '021000021',
      },
    );
    await this.call('PATCH /api/v1/recipients/{id}', ann, { name: 'Anna' });
    const [stripe_account_id] = await this.tenant.simulator.createAccounts({
      platform,
      count: 1,
      capability: 'active',
    });
    await this.call('POST /api/v1/recipients/{id}/connected-account', ann, { stripe_account_id });
    await this.call('PUT /api/v1/recipients/{id}/payment-methods/default', ann, {
      type: 'manual_bank_transfer',
    });
    await this.call('POST /api/v1/recipients/{id}/connect/onboarding', ann, {
      refresh_url: 'https://example.com/again',
      return_url: 'https://example.com/done',
    });
    return ann.id;
  }

  private async settlements(recipient_id: string): Promise<void> {
    const facts = (contest_id: string) => ({
      contest_id,
      currency: 'USD',
      pool: '10.00',
      platform_share: '0',
      rail: 'manual',
      awards: [{ recipient_id, amount: '10.00' }],
    });
    await this.call(
      'POST /api/v1/settlements/{id}/cancel',
      await this.call('POST /api/v1/settlements', {}, facts('audited-1')),
      { reason: 'a mistake' },
    );
    await this.call(
      'PUT /api/v1/tenant/settings',
      {},
      { allowed_currencies: ['USD'], max_attempts: 4, approval_above: [{ amount: '1.00', currency: 'USD' }] },
    );
    const large = await this.tenant.post<{ id: string; result_hash: string }>(
      '/settlements',
      facts('audited-large'),
    );
    await this.call(
      'POST /api/v1/settlements/{id}/approve',
      large,
      { plan_hash: large.result_hash },
      { headers: { 'X-API-Key': this.otherKey } },
    );
    await this.call(
      'PUT /api/v1/tenant/settings',
      {},
      { allowed_currencies: ['USD'], max_attempts: 4, approval_above: [] },
    );
    const query = '?contest_id=audited-2&currency=USD&pool=10.00&rail=manual';
    await this.call(
      'POST /api/v1/settlements/stream',
      {},
      `${JSON.stringify({ recipient_id, amount: '10.00' })}\n`,
      { query, headers: { 'Content-Type': 'application/x-ndjson' } },
    );
    await this.tenant.post('/settlements', facts('audited-3'));
    await this.tenant.post('/settlements', facts('audited-4'));
  }

  private async transfers(): Promise<void> {
    await this.call('POST /api/v1/operations/scheduler/run', {}, { jobs: ['expand-settlements'] });
    const waiting = await until('transfers wait for a person', async () => {
      const { results } = await this.tenant.get<{ results: (TransferShown & { payout_job_id: string })[] }>(
        '/transfers?status=awaiting_confirmation',
      );
      return results.length >= 2 && results;
    });
    const [first, second] = waiting as [TransferShown, TransferShown & { payout_job_id: string }];
    await this.call('POST /api/v1/transfers/{id}/mark-paid', first, {
      reason: 'sent',
      external_id: 'SEPA-1',
    });
    await this.call('POST /api/v1/transfers/{id}/mark-failed', second, { reason: 'came back' });
    await this.call('POST /api/v1/transfers/{id}/retry', second, { reason: 'again' });
    await this.tenant.post(`/transfers/${second.id}/mark-failed`, { reason: 'came back' });
    await this.call('POST /api/v1/payout-jobs/{id}/retry', { id: second.payout_job_id }, { reason: 'again' });
    await this.call('POST /api/v1/transfers/{id}/cancel', second, { reason: 'no more' });
  }

  /** Returns the body, and notes the audit records of the request. */
  private async call<T = { id: string }>(
    route: string,
    { id = '' }: { id?: string },
    body?: unknown,
    as: { query?: string; headers?: Record<string, string> } = {},
  ): Promise<T> {
    const [method, path] = route.split(' ') as [string, string];
    const requestId = randomUUID();
    const headers = { 'X-Request-Id': requestId, 'Idempotency-Key': `audited-${requestId}`, ...as.headers };
    const response: ApiResponse = await this.tenant.call(
      method,
      path.replace(/\{\w+\}/, id) + (as.query ?? ''),
      body,
      headers,
    );
    if (response.status >= 300) throw new Error(`${route}: ${response.status} ${response.text}`);
    const { rows } = await this.admin.query<{ action: string }>(
      'SELECT action FROM platform.audit_log WHERE tenant_id = ANY($1) AND request_id = $2 ORDER BY id',
      [[this.tenant.id, (response.body as { id?: string } | null)?.id], requestId],
    );
    this.left[route] = rows.map(({ action }) => action);
    return response.body as T;
  }
}
