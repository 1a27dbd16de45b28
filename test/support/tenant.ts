import { randomBytes } from 'node:crypto';
import type { TenantId } from '../../src/kernel/ids';
import type { Simulator } from '../../src/simulator';
import { until } from './until';

export interface ApiResponse<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: T;
}

export interface TransferShown {
  readonly id: string;
  readonly status: string;
  readonly amount: string;
  readonly amount_reversed: string;
  readonly generation: number;
  readonly openings: number;
  readonly reason: string | null;
  readonly recipient_id: string;
  readonly stripe_transfer_id: string | null;
  readonly attempts: readonly {
    number: number;
    generation: number;
    key: string;
    call: string;
    outcome: string | null;
    reason: string | null;
    http_status: number | null;
  }[];
  readonly transitions: readonly { from: string; to: string; reason: string | null }[];
  readonly evidence: readonly { source: string }[];
}

export interface JobShown {
  readonly id: string;
  readonly status: string;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * A tenant: its API key for calls over HTTP, and its account at the provider.
 */
export class TestTenant {
  constructor(
    readonly url: string,
    readonly id: TenantId,
    readonly apiKey: string,
    readonly stripeKey: string,
    readonly simulator: Simulator,
  ) {}

  /** With the tenant's key, unless `headers` have the token of a user. */
  async call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiResponse<T>> {
    const response = await fetch(`${this.url}${path.startsWith('/api/') ? '' : '/api/v1'}${path}`, {
      method,
      headers: {
        ...(headers['Authorization'] ? {} : { 'X-API-Key': this.apiKey }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (isJson(response) && text ? JSON.parse(text) : null) as T,
    };
  }

  /** As `call`, and the response must be 2xx. */
  async must<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const response = await this.call<T>(method, path, body, headers);
    if (response.status >= 300) throw new Error(`${method} ${path}: ${response.status} ${response.text}`);
    return response.body;
  }

  get<T = Record<string, unknown>>(path: string): Promise<T> {
    return this.must<T>('GET', path);
  }

  /** With an idempotency key, generated unless given. */
  post<T = Record<string, unknown>>(
    path: string,
    body: unknown,
    key = `test-${randomBytes(8).toString('hex')}`,
  ): Promise<T> {
    return this.must<T>('POST', path, body, { 'Idempotency-Key': key });
  }

  /**
   * Registers for the provider's events, those of the tenant's own account and those of connected accounts.
   */
  async listen(): Promise<void> {
    for (const family of ['account', 'connect'] as const) {
      const secret = `whsec_${randomBytes(16).toString('hex')}`;
      const { path } = await this.must<{ path: string }>('POST', '/connections/webhook-endpoints', {
        family,
        secret,
      });
      await this.simulator.addWebhook(this.stripeKey, {
        url: `${this.url}${path}`,
        secret,
        connect: family === 'connect',
      });
    }
  }

  /**
   * People who can be paid, by external id; `connected: false` leaves them without an account at the
   * provider.
   */
  async recipients(
    names: readonly string[],
    options: { connected?: boolean; capability?: 'active' | 'pending' | 'inactive' } = {},
  ): Promise<Map<string, string>> {
    const accounts =
      options.connected === false
        ? []
        : await this.simulator.createAccounts({
            platform: this.stripeKey,
            count: names.length,
            capability: options.capability ?? 'active',
          });
    const ids = new Map<string, string>();
    for (const [i, name] of names.entries()) {
      const { id } = await this.must<{ id: string }>('POST', '/recipients', {
        type: 'INDIVIDUAL',
        name,
        account_number: `US${6_400_000_000 + i}`,
        bank_code: '021000021',
        country: 'US',
        external_id: name,
      });
      if (accounts[i])
        await this.must('POST', `/recipients/${id}/connected-account`, { stripe_account_id: accounts[i] });
      ids.set(name, id);
    }
    return ids;
  }

  /** Awards in whole dollars by external id; the pool is their sum. */
  settle(
    contestId: string,
    awards: Readonly<Record<string, number>>,
  ): Promise<{ id: string; status: string }> {
    const pool = Object.values(awards).reduce((sum, amount) => sum + amount, 0);
    return this.post('/settlements', {
      contest_id: contestId,
      currency: 'USD',
      pool: `${pool}.00`,
      platform_share: '0.00',
      awards: Object.entries(awards).map(([external_id, amount]) => ({
        external_id,
        amount: `${amount}.00`,
      })),
    });
  }

  /** Runs scheduled jobs by hand, the way an operator does. */
  async tick(...jobs: string[]): Promise<void> {
    await this.must('POST', '/operations/scheduler/run', jobs.length ? { jobs } : {});
  }

  async jobOf(settlementId: string): Promise<JobShown> {
    const { payout_job_id: id } = await this.get<{ payout_job_id: string | null }>(
      `/settlements/${settlementId}`,
    );
    if (!id) throw new Error(`settlement ${settlementId} has no payout job yet`);
    return this.get<JobShown>(`/payout-jobs/${id}`);
  }

  /** Expands and waits until the job's transfers satisfy `enough`. */
  async paid(
    settlementId: string,
    enough: (job: JobShown) => boolean = (job) => job.status === 'complete',
  ): Promise<JobShown> {
    await this.tick('expand-settlements');
    return until(`the job of ${settlementId}`, async () => {
      const job = await this.jobOf(settlementId);
      return enough(job) ? job : null;
    });
  }

  async transfersOf(settlementId: string): Promise<TransferShown[]> {
    const job = await this.jobOf(settlementId);
    const { results } = await this.get<{ results: { id: string }[] }>(
      `/payout-jobs/${job.id}/transfers?limit=100`,
    );
    return Promise.all(results.map(({ id }) => this.get<TransferShown>(`/transfers/${id}`)));
  }

  /** The ledger's own verification; names what differs. */
  async verify(): Promise<{ balanced: boolean; checks: { check: string; differences: unknown[] }[] }> {
    return this.get('/ledger/verify');
  }
}

function isJson({ headers }: Response): boolean {
  return /^application\/(problem\+)?json\b/.test(headers.get('content-type') ?? '');
}
