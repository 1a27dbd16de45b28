import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import type { Principal } from '../../../../kernel/principal';
import { UnitOfWork } from '../../../../kernel/tx';
import { Log } from '../../../../platform/logging';
import { ApiKeyStore } from './ports';

export const FLUSH_EVERY_MS = 5_000;

interface Used {
  count: number;
  lastAtMs: number;
}

/**
 * Counts the uses of each key and writes them every few seconds: a write per request would cost more than
 * most requests. A process that is killed loses the counts that it has not written yet.
 */
@Injectable()
export class KeyUsage implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly used = new Map<TenantId, Map<string, Used>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly uow: UnitOfWork,
    private readonly keys: ApiKeyStore,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.flush(), FLUSH_EVERY_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  count({ tenantId, id }: Principal): void {
    this.add(tenantId, id, { count: 1, lastAtMs: performance.now() });
  }

  /** One statement per tenant. Counts that could not be written are added to the next flush. */
  async flush(): Promise<void> {
    const pending = [...this.used];
    this.used.clear();
    for (const [tenant, used] of pending) await this.write(tenant, used);
  }

  private async write(tenant: TenantId, used: Map<string, Used>): Promise<void> {
    const now = performance.now();
    const usage = [...used].map(([id, { count, lastAtMs }]) => ({ id, count, lastMsAgo: now - lastAtMs }));
    try {
      await this.uow.run(tenant, (tx) => this.keys.addUsage(tx, tenant, usage));
    } catch (error) {
      this.log.warn('identity.key_usage_not_written', { tenant_id: tenant, keys: usage.length, error });
      for (const [id, one] of used) this.add(tenant, id, one);
    }
  }

  private add(tenant: TenantId, id: string, more: Used): void {
    const used = this.used.get(tenant) ?? new Map<string, Used>();
    this.used.set(tenant, used);
    const before = used.get(id);
    used.set(id, {
      count: (before?.count ?? 0) + more.count,
      lastAtMs: Math.max(before?.lastAtMs ?? 0, more.lastAtMs),
    });
  }
}
