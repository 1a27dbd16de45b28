import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { UnitOfWork } from '../../../kernel/tx';
import { Log } from '../../../platform/logging';
import type { RunSummary } from '../../../platform/schedule';
import { factOf } from './on-funds-event';
import { ProviderAccountReader, type RailAccountRoute, RailAccounts } from './ports';
import { RecordFunding } from './record-funding';

/** A top-up from a bank may be days on its way before it succeeds; it is listed by when it was asked for. */
const LOOK_BACK_MS = 35 * 86_400_000;
const AT_ONCE = 8;

/** Looks after the money where no event comes: webhooks may be lost, or not be set up at all. */
@Injectable()
export class PollFunding {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly accounts: RailAccounts,
    private readonly provider: ProviderAccountReader,
    private readonly recordFunding: RecordFunding,
    private readonly log: Log,
  ) {}

  async execute(scope: { readonly tenant?: TenantId }): Promise<RunSummary> {
    const routes = await this.uow.runForSystem((tx) => this.accounts.routes(tx, scope.tenant ?? null));
    // A paused account is often one whose key no longer works: asking on would only log failures.
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

  /** One account's trouble is its own: the others are read all the same. */
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
