import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { UnitOfWork } from '../../../kernel/tx';
import { Environment } from '../../../platform/config';
import { failpoint } from '../../../platform/failpoints';
import { Log } from '../../../platform/logging';
import type { RunSummary } from '../../../platform/schedule';
import { RailAccountMissing } from '../../transfers';
import { ExpandSettlement } from './expand-settlement';
import { type Route, SettlementStore } from './ports';
import { Tally } from './tally';

/** With a reason, when it holds for all that the tenant has waiting. */
type Fate = 'again' | 'over' | { readonly tenantOver: string };

/**
 * One run over everything that waits for its transfers. Settlements take turns, a chunk each, so that a small
 * one does not wait for the end of a large one. What fails is named, put back for a while and keeps nobody
 * else.
 */
@Injectable()
export class ExpandSettlements {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly settlements: SettlementStore,
    private readonly expandSettlement: ExpandSettlement,
    private readonly environment: Environment,
    private readonly log: Log,
  ) {}

  async execute({ tenant }: { readonly tenant?: TenantId }): Promise<RunSummary> {
    const question = {
      states: ['recorded', 'expanding'] as const,
      tenant: tenant ?? null,
      perTenant: this.environment.settlementJobsBatch,
    };
    let waiting = await this.uow.runForSystem((tx) => this.settlements.due(tx, question));
    const tally = new Tally(waiting.length);
    const over = new Map<TenantId, string>();
    while (waiting.length > 0) {
      const again: Route[] = [];
      for (const route of waiting) {
        const known = over.get(route.tenantId);
        if (known !== undefined) {
          tally.skip(known);
          continue;
        }
        const fate = await this.turn(route, tally);
        if (fate === 'again') again.push(route);
        if (typeof fate === 'object') over.set(route.tenantId, fate.tenantOver);
      }
      waiting = again;
    }
    return tally.summary();
  }

  private async turn(route: Route, tally: Tally): Promise<Fate> {
    try {
      const expansion = await this.expandSettlement.step(route.tenantId, route.id);
      await failpoint('expanded');
      if (expansion === 'goes_on') return 'again';
      if (expansion === 'expanded') this.expanded(route, tally);
      else tally.skip(expansion);
      return expansion === 'tenant_suspended' ? { tenantOver: expansion } : 'over';
    } catch (error) {
      return this.failed(route, error, tally);
    }
  }

  private expanded(route: Route, tally: Tally): void {
    tally.done++;
    this.log.info('settlement.expanded', { tenant_id: route.tenantId, settlement_id: route.id });
  }

  private async failed({ tenantId, id }: Route, error: unknown, tally: Tally): Promise<Fate> {
    const isMissing = error instanceof RailAccountMissing;
    const reason = isMissing ? error.code : Tally.reasonOf(error);
    if (isMissing) tally.skip(reason);
    else tally.failed++;
    this.log.warn(isMissing ? 'settlement.not_expandable' : 'settlement.expansion_failed', {
      tenant_id: tenantId,
      settlement_id: id,
      reason,
      error,
    });
    // Without an account it stays due, so that it is expanded at the next tick after the account is there.
    await this.uow
      .run(tenantId, (tx) =>
        isMissing ? this.settlements.note(tx, id, reason) : this.settlements.defer(tx, id, reason),
      )
      .catch((lost: unknown) =>
        this.log.warn('settlement.failure_not_kept', { tenant_id: tenantId, settlement_id: id, error: lost }),
      );
    return isMissing ? { tenantOver: reason } : 'over';
  }
}
