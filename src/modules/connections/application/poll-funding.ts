import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { UnitOfWork } from '../../../kernel/tx';
import { Log } from '../../../platform/logging';
import type { RunSummary } from '../../../platform/schedule';
import { factOf } from './on-funds-event';
import { ProviderAccountReader, type RailAccountRoute, RailAccountStore } from './ports';
import { RecordFunding } from './record-funding';

/** Top-ups are listed by their creation, and one from a bank may take days to succeed. */
const LOOK_BACK_MS = 35 * 86_400_000;
const AT_ONCE = 8;

/** Reads balances and top-ups on a schedule, because webhooks may be lost or not be set up. */
@Injectable()
export class PollFunding {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly accounts: RailAccountStore,
    private readonly provider: ProviderAccountReader,
    private readonly recordFunding: RecordFunding,
    private readonly log: Log,
  ) {}

  async execute(scope: { readonly tenant?: TenantId }): Promise<RunSummary> {
    const routes = await this.uow.runForSystem((tx) => this.accounts.routes(tx, scope.tenant ?? null));
    // The key of a paused account often does not work any more: polling it would only log errors.
    const active = routes.filter((route) => route.status === 'active');
    let failed = 0;
    for (let i = 0; i < active.length; i += AT_ONCE) {
      const read = await Promise.all(active.slice(i, i + AT_ONCE).map((route) => this.read(route)));
      failed += read.filter((ok) => !ok).length;
    }
    const paused = routes.length - active.length;
    return {
      found: routes.length,
      done: active.length - failed,
      failed,
      skipped: paused ? [{ reason: 'rail_account_paused', count: paused }] : [],
    };
  }

  /** An error of one account does not stop the others. */
  private async read({ tenantId, id }: RailAccountRoute): Promise<boolean> {
    try {
      const balances = await this.provider.balances(tenantId, id);
      const topUps = await this.provider.topUps(tenantId, id, new Date(Date.now() - LOOK_BACK_MS));
      await this.uow.run(tenantId, async (tx) => {
        await this.recordFunding.movements(
          tx,
          topUps.map((topUp) => factOf(id, topUp)),
        );
        await this.recordFunding.balances(tx, id, balances);
      });
      return true;
    } catch (error) {
      this.log.warn('connections.funding_unread', { rail_account_id: id, error });
      return false;
    }
  }
}
