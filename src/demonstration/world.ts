import { randomBytes } from 'node:crypto';
import type { SimulatorClient } from '../simulator/control-client';
import { type Api, inParallel } from './api';

/** What the start script hands over. */
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
const WIDTH = 12;

/** Connects the tenant's Stripe account and lets its events come in. A second start finds both there. */
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

/**
 * People who can be paid: each with a connected account at the provider. Those of an earlier run are taken
 * again.
 */
export async function recipients(api: Api, simulator: SimulatorClient, on: Installation): Promise<string[]> {
  const names = Array.from({ length: WINNERS }, (_, i) => `demo-player-${i + 1}`);
  const accounts = await simulator.createAccounts({ platform: on.stripe_secret_key, count: WINNERS });
  await inParallel(names, WIDTH, async (externalId, i) => {
    const known = await api.get<{ results: { id: string }[] }>(`/recipients?external_id=${externalId}`);
    if (known.results.length) return;
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

/** What the winners of one settlement get, in cents. */
export function owed(): bigint {
  return (BigInt(WINNERS) * POOL_A_HEAD * 100n * (10_000n - PLATFORM_SHARE_BPS)) / 10_000n;
}

/** As an operator would, at the provider: as much as a whole settlement asks for. */
export async function topUp(on: Installation): Promise<void> {
  const response = await fetch(new URL('/v1/topups', on.simulator_url), {
    method: 'POST',
    headers: { Authorization: `Bearer ${on.stripe_secret_key}` },
    body: new URLSearchParams({ amount: String(owed()), currency: 'usd', description: 'demonstration' }),
  });
  if (!response.ok) throw new Error(`the top-up was refused with ${response.status}`);
}

/**
 * A prize pool of 1,000.00 a head: a tenth is the platform's, the rest falls from the first place to the
 * last.
 */
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
