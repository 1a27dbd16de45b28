import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { UnitOfWork } from '../../../kernel/tx';
import { Environment } from '../../../platform/config';
import { Log } from '../../../platform/logging';
import type { RunSummary } from '../../../platform/schedule';
import { AdvanceSettlement } from './advance-settlement';
import { IntakeStore, type Route, SettlementStore } from './ports';
import { Tally } from './tally';
import { routeOf } from './wake-up-key';

/** Lines that are purged in one transaction. */
const PURGE_LINES = 10_000;

/**
 * Brings streams and large cancellations to their end, and cleans up after streams that have none: woken, and
 * on a schedule.
 */
@Injectable()
export class AdvanceSettlements {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly settlements: SettlementStore,
    private readonly intakes: IntakeStore,
    private readonly advanceSettlement: AdvanceSettlement,
    private readonly environment: Environment,
    private readonly log: Log,
  ) {}

  /** A wake-up; its key is untrusted. */
  async wake(key: string): Promise<void> {
    const route = routeOf(key);
    if (!route) return;
    await this.advanceSettlement.execute(route.tenantId, route.id);
    await this.purge(route);
  }

  async execute({ tenant = null }: { readonly tenant?: TenantId | null }): Promise<RunSummary> {
    const question = {
      states: ['checking', 'recording', 'cancelling'] as const,
      tenant,
      perTenant: this.environment.settlementJobsBatch,
    };
    const [unfinished, abandoned] = await this.uow.runForSystem(async (tx) => [
      await this.settlements.due(tx, question),
      await this.intakes.abandoned(tx, tenant),
    ]);
    const tally = new Tally(unfinished.length + abandoned.length);
    for (const route of unfinished)
      await this.counted(
        route,
        tally,
        async () => (await this.advanceSettlement.execute(route.tenantId, route.id)) > 0,
      );
    for (const route of abandoned) await this.counted(route, tally, () => this.purge(route));
    return tally.summary();
  }

  private async counted(route: Route, tally: Tally, work: () => Promise<boolean>): Promise<void> {
    try {
      if (await work()) tally.done++;
      else tally.skip('locked_elsewhere');
    } catch (error) {
      tally.failed++;
      this.log.warn('settlement.advance_failed', {
        tenant_id: route.tenantId,
        settlement_id: route.id,
        error,
      });
      await this.defer(route, Tally.reasonOf(error));
    }
  }

  /** The run goes on with the others when this cannot be written either. */
  private async defer({ tenantId, id }: Route, reason: string): Promise<void> {
    await this.uow
      .run(tenantId, (tx) => this.settlements.defer(tx, id, reason))
      .catch((lost: unknown) =>
        this.log.warn('settlement.failure_not_kept', { tenant_id: tenantId, settlement_id: id, error: lost }),
      );
  }

  /** Answers whether there was something to purge. */
  private async purge({ tenantId, id }: Route): Promise<boolean> {
    await this.uow.run(tenantId, (tx) => this.intakes.giveUp(tx, id));
    for (;;) {
      const purged = await this.uow.run(tenantId, (tx) => this.intakes.purge(tx, id, PURGE_LINES));
      if (purged !== 'more') return purged === 'purged';
    }
  }
}
