import { randomBytes } from 'node:crypto';
import type { SimulatorClient } from '../simulator/control-client';
import { type Api, inParallel } from './api';

/** The parameters from the start script. */
export interface Installation {
  readonly base_url: string;
  readonly api_key: string;
  readonly tenant_id: string;
  readonly simulator_url: string;
  readonly stripe_secret_key: string;
}

export const WINNERS = 220;
const POOL_A_HEAD = 1_000n;
const PLATFORM_SHARE_BPS = 1_000n;
const CONCURRENCY = 12;

/** Connects the tenant's Stripe account and its webhooks, unless an earlier start did. */
export async function connect(api: Api, simulator: SimulatorClient, on: Installation): Promise<void> {
  await api.put('/connections/stripe', { secret_key: on.stripe_secret_key });
  const { results } = await api.get<{ results: { path: string }[] }>('/connections/webhook-endpoints');
  if (results.length) return;
  for (const family of ['account', 'connect'] as const) {
    const secret = `whsec_${randomBytes(24).toString('hex')}`;
    const { path } = await api.post<{ path: string }>('/connections/webhook-endpoints', { family, secret });
    await simulator.addWebhook(on.stripe_secret_key, {
      url: new URL(path, on.base_url).toString(),
      secret,
      connect: family === 'connect',
    });
  }
}

/** Creates recipients with connected accounts, unless an earlier start did. Returns their external ids. */
export async function recipients(api: Api, simulator: SimulatorClient, on: Installation): Promise<string[]> {
  const names = Array.from({ length: WINNERS }, (_, i) => `demo-player-${i + 1}`);
  const accounts = await simulator.createAccounts({ platform: on.stripe_secret_key, count: WINNERS });
  await inParallel(names, CONCURRENCY, async (externalId, i) => {
    const existing = await api.get<{ results: { id: string }[] }>(`/recipients?external_id=${externalId}`);
    if (existing.results.length) return;
    const { id } = await api.post<{ id: string }>(
      '/recipients',
      {
        type: 'INDIVIDUAL',
        name: `Player ${i + 1}`,
        account_number: `US${String(64_000_000_000 + i)}`,
        bank_code: '021000021',
        country: 'US',
        external_id: externalId,
      },
      `recipient-${externalId}`,
    );
    await api.post(`/recipients/${id}/connected-account`, { stripe_account_id: accounts[i] });
  });
  return names;
}

/** The sum of the awards of one settlement, in cents. */
export function awardsTotal(): bigint {
  return (BigInt(WINNERS) * POOL_A_HEAD * 100n * (10_000n - PLATFORM_SHARE_BPS)) / 10_000n;
}

/** Tops the balance up at the provider by the awards of a whole settlement. */
export async function topUp(on: Installation): Promise<void> {
  const response = await fetch(new URL('/v1/topups', on.simulator_url), {
    method: 'POST',
    headers: { Authorization: `Bearer ${on.stripe_secret_key}` },
    body: new URLSearchParams({
      amount: String(awardsTotal()),
      currency: 'usd',
      description: 'demonstration',
    }),
  });
  if (!response.ok) throw new Error(`the top-up was refused with ${response.status}`);
}

/** A pool of 1,000.00 per winner, a platform share of a tenth, and weights from the first place to the last. */
export function settlement(contestId: string, winners: readonly string[]) {
  return {
    contest_id: contestId,
    currency: 'USD',
    pool: `${BigInt(winners.length) * POOL_A_HEAD}.00`,
    platform_share_bps: Number(PLATFORM_SHARE_BPS),
    structure: winners.map((_, place) => winners.length - place),
    standings: winners.map((externalId, place) => ({ external_id: externalId, rank: place + 1 })),
  };
}
