import type { Agent } from 'node:http';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import Stripe from 'stripe';
import type { TenantId } from '../../../../kernel/ids';
import { UnitOfWork } from '../../../../kernel/tx';
import { LocalCache } from '../../../../platform/cache';
import { assertOutsideTransaction } from '../../../../platform/database';
import { RailSecretStore } from '../../application/ports';
import { guardedHttpClient, keepAliveAgent } from './stripe-http';

/** The version of the SDK: an upgrade must not compile before the changes of the API were read. */
export const STRIPE_API_VERSION = '2026-10-28.endive' satisfies Stripe.LatestApiVersion;
/** How long another process may use a replaced key, in milliseconds. */
const STRIPE_CLIENT_CACHE_TTL_MS = 30_000;
const CLIENTS_MAX = 1_000;

export abstract class StripeSettings {
  /** The origin of the simulator; null for Stripe itself. */
  abstract readonly apiBase: string | null;
  abstract readonly timeoutMs: number;
}

/** Creates all Stripe clients. Each uses the key of one rail account; there is no global key. */
@Injectable()
export class StripeClients implements OnModuleDestroy {
  private readonly clients = new LocalCache<string, Stripe>({
    ttlMs: STRIPE_CLIENT_CACHE_TTL_MS,
    maxEntries: CLIENTS_MAX,
  });
  private readonly address: { protocol: 'http' | 'https'; host?: string; port?: string };
  private readonly agent: Agent;

  constructor(
    private readonly uow: UnitOfWork,
    private readonly secrets: RailSecretStore,
    private readonly settings: StripeSettings,
  ) {
    this.address = addressOf(settings.apiBase);
    this.agent = keepAliveAgent(this.address.protocol);
  }

  /**
   * The client of one of the tenant's accounts.
   *
   * @throws RailAccountUnknown, also for an account of another tenant
   */
  async for(tenant: TenantId, railAccountId: string): Promise<Stripe> {
    assertOutsideTransaction('Stripe');
    return this.clients.loadShared(`${tenant}/${railAccountId}`, async () =>
      this.withKey(
        await this.uow.run(tenant, (tx) => this.secrets.secretKeyOf(tx, railAccountId), { readOnly: true }),
      ),
    );
  }

  /** The client of a key that is not stored yet. */
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

  /** Call it after the key of an account was replaced. */
  forget(tenant: TenantId, railAccountId: string): void {
    this.clients.invalidate(`${tenant}/${railAccountId}`);
  }

  onModuleDestroy(): void {
    this.clients.clear();
    this.agent.destroy();
  }
}

function addressOf(apiBase: string | null): { protocol: 'http' | 'https'; host?: string; port?: string } {
  if (!apiBase) return { protocol: 'https' };
  const url = new URL(apiBase);
  const protocol = url.protocol === 'http:' ? 'http' : 'https';
  return { protocol, host: url.hostname, port: url.port || (protocol === 'http' ? '80' : '443') };
}
