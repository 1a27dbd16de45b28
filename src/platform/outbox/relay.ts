import { setTimeout as delay } from 'node:timers/promises';
import { type TenantId, tenantIdOf } from '../../kernel/ids';
import type { UnitOfWork } from '../../kernel/tx';
import { sql } from '../database';
import type { Log } from '../logging';
import type { ClaimedBatch, DeliverBatch } from './deliver-batch';
import type { RelayLimits } from './limits';
import type { RegisteredHandlers } from './registered-handlers';
import { type ClaimedRow, claimDue } from './sql/claim-due.sql';
import { markDelivered } from './sql/settle-events.sql';

/**
 * Delivers the events of the outbox: at once on a hint, otherwise by polling. A process works on several
 * tenants at the same time but on one batch of a tenant, so that a slow handler of one tenant delays no other.
 */
export class Relay {
  private readonly inProgress = new Map<TenantId, Promise<void>>();
  private looping: Promise<void> | null = null;
  private stopping = false;
  private hinted = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly uow: UnitOfWork,
    private readonly handlers: RegisteredHandlers,
    private readonly deliverBatch: DeliverBatch,
    private readonly limits: RelayLimits,
    private readonly log: Log,
  ) {}

  get isRunning(): boolean {
    return this.looping !== null && !this.stopping;
  }

  start(): void {
    this.looping ??= this.loop();
  }

  /** There may be undelivered events. */
  hint(): void {
    this.hinted = true;
    this.wake();
  }

  /** Claims no further batch; resolves when the batches in progress are delivered. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.looping;
    await Promise.all(this.inProgress.values());
  }

  private async loop(): Promise<void> {
    while (!this.stopping) {
      const batchWindow = delay(this.limits.batchWindowMs);
      this.hinted = false;
      const more = await this.claimAndDeliver();
      await this.pause();
      // Under load one hint follows the other; the events of the window are claimed together.
      if (!more) await batchWindow;
    }
  }

  /** Until a hint comes, a batch is done, or the poll interval ends. */
  private async pause(): Promise<void> {
    if (this.hinted || this.stopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.limits.pollMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = () => undefined;
  }

  /** Returns whether further tenants may have due events. */
  private async claimAndDeliver(): Promise<boolean> {
    const tenants = this.limits.tenantsMax - this.inProgress.size;
    if (tenants <= 0) return true;
    try {
      const batches = await this.claim(tenants);
      for (const batch of batches) this.deliver(batch);
      return batches.length === tenants;
    } catch (error) {
      this.log.warn('outbox.claim_failed', { error });
      return false;
    }
  }

  private claim(tenants: number): Promise<ClaimedBatch[]> {
    const { batchMax, leaseMs } = this.limits;
    return this.uow.runForSystem(async (tx) => {
      const rows = await sql(tx).rows(
        claimDue({ tenants, perTenant: batchMax, leaseMs, busy: [...this.inProgress.keys()] }),
      );
      const unsubscribed = batchesOf(rows.filter(({ name }) => !this.handlers.isSubscribed(name)));
      for (const batch of unsubscribed) await sql(tx).count(markDelivered(batch));
      // Events with a handler may be due after a full batch of events without one.
      if (unsubscribed.length > 0) this.hinted = true;
      return batchesOf(rows.filter(({ name }) => this.handlers.isSubscribed(name)));
    });
  }

  private deliver(batch: ClaimedBatch): void {
    const { tenant, ids } = batch;
    const delivery = this.deliverBatch
      .deliver(batch)
      .catch((error: unknown) =>
        this.log.warn('outbox.batch_failed', { tenantId: tenant, events: ids.length, error }),
      )
      .finally(() => {
        this.inProgress.delete(tenant);
        this.hint();
      });
    this.inProgress.set(tenant, delivery);
  }
}

/** One claim is one statement, so all its rows have the same lease. */
function batchesOf(rows: readonly ClaimedRow[]): ClaimedBatch[] {
  const batches = new Map<string, ClaimedBatch>();
  for (const { tenant_id, id, lease } of rows) {
    const batch = batches.get(tenant_id);
    if (batch) batch.ids.push(id);
    else batches.set(tenant_id, { tenant: tenantIdOf(tenant_id), ids: [id], lease });
  }
  return [...batches.values()];
}
