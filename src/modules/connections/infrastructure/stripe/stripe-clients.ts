import type { Agent } from 'node:http';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import Stripe from 'stripe';
import type { TenantId } from '../../../../kernel/ids';
import { UnitOfWork } from '../../../../kernel/tx';
import { assertOutsideTransaction } from '../../../../platform/database';
import { RailSecrets } from '../../application/ports';
import { guardedHttpClient, keepAliveAgent } from './stripe-http';

/** Frozen with the SDK: an upgrade that changes it must not compile until somebody has read what changed. */
export const STRIPE_API_VERSION = '2026-10-28.endive' satisfies Stripe.LatestApiVersion;
/** How long a replaced key may still be used by another process. */
const KEY_FRESH_MS = 30_000;
const CLIENTS_MAX = 1_000;

export abstract class StripeSettings {
  /** Origin of the simulator; absent for Stripe itself. */
  abstract readonly apiBase: string | null;
  abstract readonly timeoutMs: number;
}

interface Kept {
  readonly secretKey: string;
  readonly client: Stripe;
  freshUntil: number;
}

/**
 * The only maker of Stripe clients: each speaks with the key of one rail account, never with one of the
 * process.
 */
@Injectable()
export class StripeClients implements OnModuleDestroy {
  private readonly kept = new Map<string, Kept>();
  private readonly address: { protocol: 'http' | 'https'; host?: string; port?: string };
  private readonly agent: Agent;

  constructor(
    private readonly uow: UnitOfWork,
    private readonly secrets: RailSecrets,
    private readonly settings: StripeSettings,
  ) {
    this.address = addressOf(settings.apiBase);
    this.agent = keepAliveAgent(this.address.protocol);
  }

  /** The client of one of the tenant's accounts; another tenant's account is not found. */
  async for(tenant: TenantId, railAccountId: string): Promise<Stripe> {
    assertOutsideTransaction('Stripe');
    const id = `${tenant}/${railAccountId}`;
    const kept = this.kept.get(id);
    if (kept && kept.freshUntil > Date.now()) return kept.client;
    const secretKey = await this.uow.run(tenant, (tx) => this.secrets.secretKeyOf(tx, railAccountId), {
      readOnly: true,
    });
    return this.keep(id, secretKey, kept);
  }

  /** A client of a key that is not stored yet. */
  withKey(secretKey: string): Stripe {
    return new Stripe(secretKey, {
      apiVersion: STRIPE_API_VERSION,
      maxNetworkRetries: 0,
      timeout: this.settings.timeoutMs,
      telemetry: false,
      httpClient: guardedHttpClient(this.agent),
      ...this.address,
    });
  }

  /** After its key was replaced. */
  forget(tenant: TenantId, railAccountId: string): void {
    this.kept.delete(`${tenant}/${railAccountId}`);
  }

  onModuleDestroy(): void {
    this.kept.clear();
    this.agent.destroy();
  }

  private keep(id: string, secretKey: string, known: Kept | undefined): Stripe {
    const freshUntil = Date.now() + KEY_FRESH_MS;
    if (known?.secretKey === secretKey) {
      known.freshUntil = freshUntil;
      return known.client;
    }
    if (this.kept.size >= CLIENTS_MAX) this.kept.delete(this.kept.keys().next().value as string);
    const client = this.withKey(secretKey);
    this.kept.set(id, { secretKey, client, freshUntil });
    return client;
  }
}

function addressOf(apiBase: string | null): { protocol: 'http' | 'https'; host?: string; port?: string } {
  if (!apiBase) return { protocol: 'https' };
  const url = new URL(apiBase);
  const protocol = url.protocol === 'http:' ? 'http' : 'https';
  return { protocol, host: url.hostname, port: url.port || (protocol === 'http' ? '80' : '443') };
}
