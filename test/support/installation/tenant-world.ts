import { createHash, randomBytes } from 'node:crypto';
import { until } from '../../../scripts/lib/processes.cjs';
import { newId } from '../../../src/kernel/ids';
import { ApiClient } from './api-client';
import type { Installation } from './installation';

export interface Payee {
  readonly id: string;
  readonly externalId: string;
  readonly stripeAccount: string;
}

/** What a payee must get, by the test's own records and not the database's. */
export interface Due {
  readonly payee: Payee;
  readonly minor: bigint;
  readonly currency: string;
}

export interface Settled {
  readonly id: string;
  readonly dues: readonly Due[];
}

const CURRENCY = 'USD';
const CONVERGED_MS = 90_000;

/** One tenant with a Stripe account of its own, and what it must pay to each payee. */
export class TenantWorld {
  readonly dues: Due[] = [];

  private constructor(
    readonly installation: Installation,
    readonly id: string,
    public api: ApiClient,
    readonly secretKey: string,
    readonly providerAccount: string,
    readonly railAccountId: string,
  ) {}

  /**
   * Made beside the program, because no route makes a tenant; its Stripe account is connected through the
   * API.
   */
  static async given(
    installation: Installation,
    apiUrl: string,
    availableMinor = 100_000_000,
  ): Promise<TenantWorld> {
    const id = newId();
    const apiKey = `dk_${randomBytes(20).toString('hex')}`;
    await installation.rows(
      `INSERT INTO tenancy.tenants (id, name, slug, status) VALUES ($1, 'Acme', $2, 'active')`,
      [id, `acme-${id}`],
    );
    await installation.rows(
      `INSERT INTO identity.api_keys (tenant_id, id, name, prefix, secret_hash, scopes)
        VALUES ($1, $2, 'test', $3, $4, '{*}')`,
      [id, newId(), apiKey.slice(0, 11), createHash('sha256').update(apiKey).digest()],
    );
    const secretKey = `sk_test_sim_${randomBytes(12).toString('hex')}`;
    const { account_id: account } = await installation.stripe.registerPlatform({
      secret_key: secretKey,
      balances: { usd: availableMinor },
    });
    const api = new ApiClient(apiUrl, apiKey);
    const { id: railAccountId } = await api.put<{ id: string }>('/connections/stripe', {
      secret_key: secretKey,
    });
    return new TenantWorld(installation, id, api, secretKey, account, railAccountId);
  }

  /** A restarted process has another address. */
  reach(apiUrl: string): void {
    this.api = this.api.at(apiUrl);
  }

  /** People who can be paid, each into a Stripe account of his own. */
  async recipients(count: number): Promise<Payee[]> {
    const accounts = await this.installation.stripe.createAccounts({ platform: this.secretKey, count });
    const payees = accounts.map((stripeAccount, i) => ({
      id: newId(),
      externalId: `player-${stripeAccount}-${i}`,
      stripeAccount,
    }));
    const ids = payees.map((payee) => payee.id);
    await this.installation.rows(
      `INSERT INTO recipients.recipients (tenant_id, id, type, name, country, external_id, is_active,
        metadata, created_at, updated_at)
       SELECT $1, n.id, 'INDIVIDUAL', n.name, 'US', n.name, true, '{}', now(), now()
         FROM unnest($2::uuid[], $3::text[]) AS n(id, name)`,
      [this.id, ids, payees.map((payee) => payee.externalId)],
    );
    await this.installation.rows(
      `INSERT INTO recipients.connected_accounts (tenant_id, recipient_id, stripe_account_id, rail_account_id,
        transfers_capability, checked_at, watched, version)
       SELECT $1, n.id, n.account, $4, 'active', now(), false, 1 FROM unnest($2::uuid[], $3::text[])
         AS n(id, account)`,
      [this.id, ids, payees.map((payee) => payee.stripeAccount), this.railAccountId],
    );
    return payees;
  }

  /** Records a settlement through the API; the scheduler makes transfers of it. */
  async settles(payees: readonly Payee[], minorOf: (place: number) => bigint): Promise<Settled> {
    const { contest, dues, body } = this.contest(payees, minorOf);
    const { id } = await this.api.post<{ id: string }>('/settlements', body, contest);
    this.dues.push(...dues);
    return { id, dues };
  }

  /** A contest that is not recorded yet. */
  contest(payees: readonly Payee[], minorOf: (place: number) => bigint) {
    const dues: Due[] = payees.map((payee, place) => ({ payee, minor: minorOf(place), currency: CURRENCY }));
    const contest = `contest-${newId()}`;
    return { contest, dues, body: settlementOf(contest, dues) };
  }

  /** Transfers of a settlement, or of the tenant. */
  async transfers(settlementId?: string): Promise<TransferState[]> {
    return this.installation.rows<TransferState>(
      `SELECT id, state, reason, attempts, generation, lease_token, recipient_id FROM transfers.transfers
        WHERE tenant_id = $1 AND ($2::uuid IS NULL OR settlement_id = $2)`,
      [this.id, settlementId ?? null],
    );
  }

  /** Waits until a settlement has its transfers and each of them fits. */
  async allTransfers(
    settled: Settled,
    fits: (transfer: TransferState) => boolean,
    timeoutMs = CONVERGED_MS,
  ): Promise<TransferState[]> {
    let seen: TransferState[] = [];
    const look = async () => {
      seen = await this.transfers(settled.id);
      return seen.length === settled.dues.length && seen.every(fits) ? seen : null;
    };
    return until(
      look,
      timeoutMs,
      () =>
        `of ${settled.dues.length} transfers ${seen.length} are there: ` +
        JSON.stringify(seen.filter((one) => !fits(one)).slice(0, 5)),
    );
  }
}

export interface TransferState {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly attempts: number;
  readonly generation: number;
  readonly lease_token: string | null;
  readonly recipient_id: string;
}

export const isCompleted = (transfer: TransferState): boolean => transfer.state === 'completed';
export const isFinal = (transfer: TransferState): boolean =>
  ['completed', 'failed_terminal', 'cancelled'].includes(transfer.state);

function settlementOf(contest: string, dues: readonly Due[]) {
  return {
    contest_id: contest,
    currency: CURRENCY,
    pool: textOf(dues.reduce((sum, { minor }) => sum + minor, 0n)),
    platform_share: '0.00',
    awards: dues.map(({ payee, minor }) => ({ external_id: payee.externalId, amount: textOf(minor) })),
  };
}

/** Two decimals, as USD has. */
function textOf(minor: bigint): string {
  return `${minor / 100n}.${String(minor % 100n).padStart(2, '0')}`;
}
