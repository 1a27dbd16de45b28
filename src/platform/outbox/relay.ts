import { setTimeout as delay } from 'node:timers/promises';
import { type TenantId, tenantIdOf } from '../../kernel/ids';
import type { UnitOfWork } from '../../kernel/tx';
import { sql } from '../database';
import type { Log } from '../logging';
import type { RelayLimits } from './limits';
import type { RegisteredHandlers } from './registered-handlers';
import { type ClaimedRow, claimDue } from './sql/claim-due.sql';
import { markDelivered } from './sql/settle-events.sql';
import type { ClaimedList, DeliverBatch } from './deliver-batch';

/**
 * Tells what is in the outbox: on a hint at once, without one by looking. Each process serves a few tenants
 * side by side and a tenant in one place only, so that a slow consumer of one tenant holds up nobody else.
 */
export class Relay {
  private readonly serving = new Map<TenantId, Promise<void>>();
  private looping: Promise<void> | null = null;
  private stopping = false;
  private hinted = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly uow: UnitOfWork,
    private readonly reactions: RegisteredHandlers,
    private readonly list: DeliverBatch,
    private readonly limits: RelayLimits,
    private readonly log: Log,
  ) {}

  get isRunning(): boolean {
    return this.looping !== null && !this.stopping;
  }

  start(): void {
    this.looping ??= this.loop();
  }

  /** There may be something to tell. */
  hint(): void {
    this.hinted = true;
    this.wake();
  }

  /** Begins no list any more; resolves when those it tells are told. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.looping;
    await Promise.all(this.serving.values());
  }

  private async loop(): Promise<void> {
    while (!this.stopping) {
      const gathered = delay(this.limits.gatherMs);
      this.hinted = false;
      const more = await this.serveSome();
      await this.pause();
      // One hint follows the other where much happens: what they speak of meanwhile is claimed and told
      // together.
      if (!more) await gathered;
    }
  }

  /** Until a hint comes, a list is done, or it is time to look. */
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

  /** Answers whether further tenants may have something to tell. */
  private async serveSome(): Promise<boolean> {
    const tenants = this.limits.tenantsAtOnce - this.serving.size;
    if (tenants <= 0) return true;
    try {
      const lists = await this.claim(tenants);
      for (const list of lists) this.serve(list);
      return lists.length === tenants;
    } catch (error) {
      this.log.warn('outbox.claim_failed', { error });
      return false;
    }
  }

  private claim(tenants: number): Promise<ClaimedList[]> {
    const { listMax, leaseMs } = this.limits;
    return this.uow.runForSystem(async (tx) => {
      const rows = await sql(tx).rows(
        claimDue({ tenants, perTenant: listMax, leaseMs, busy: [...this.serving.keys()] }),
      );
      const unheard = listsOf(rows.filter(({ name }) => !this.reactions.isSubscribed(name)));
      for (const list of unheard) await sql(tx).count(markDelivered(list));
      // A list of facts nobody hears may stand before one that somebody does.
      if (unheard.length > 0) this.hinted = true;
      return listsOf(rows.filter(({ name }) => this.reactions.isSubscribed(name)));
    });
  }

  private serve(list: ClaimedList): void {
    const { tenant, ids } = list;
    const served = this.list
      .run(list)
      .catch((error: unknown) =>
        this.log.warn('outbox.list_failed', { tenantId: tenant, events: ids.length, error }),
      )
      .finally(() => {
        this.serving.delete(tenant);
        this.hint();
      });
    this.serving.set(tenant, served);
  }
}

/** One claim is one statement, so all its rows have the same lease. */
function listsOf(rows: readonly ClaimedRow[]): ClaimedList[] {
  const lists = new Map<string, ClaimedList>();
  for (const { tenant_id, id, lease } of rows) {
    const list = lists.get(tenant_id);
    if (list) list.ids.push(id);
    else lists.set(tenant_id, { tenant: tenantIdOf(tenant_id), ids: [id], lease });
  }
  return [...lists.values()];
}
