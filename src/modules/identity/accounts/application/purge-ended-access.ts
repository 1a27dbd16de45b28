import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../../kernel/tx';
import type { RunSummary } from '../../../../platform/schedule';
import { EndedAccessStore } from './ports';

/** After this a used token that comes again is rejected as unknown, and no longer recognised as a copy. */
const RETAINED_S = 7 * 24 * 3600;
const BATCH = 1_000;
/** A family that was used every ten minutes for a month has 4,320 tokens. */
const FAMILIES_BATCH = 50;

/**
 * Deletes sessions, refresh-token families and one-time tokens that ended. A family keeps its used tokens as
 * long as it is alive, so that a copied token is recognised.
 */
@Injectable()
export class PurgeEndedAccess {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly ended: EndedAccessStore,
  ) {}

  async execute(batches = { rows: BATCH, families: FAMILIES_BATCH }): Promise<RunSummary> {
    const { rows, families } = batches;
    const purgedSessions = await this.inBatches(rows, () =>
      this.uow.runForSystem((tx) => this.ended.purgeSessions(tx, RETAINED_S, rows)),
    );
    const purgedFamilies = await this.inBatches(families, () =>
      this.uow.runForSystem((tx) => this.ended.purgeFamilies(tx, RETAINED_S, families)),
    );
    const purgedTokens = await this.inBatches(rows, () =>
      this.uow.runForSystem((tx) => this.ended.purgeOneTimeTokens(tx, RETAINED_S, rows)),
    );
    const done = purgedSessions + purgedFamilies + purgedTokens;
    return { found: done, done, failed: 0, skipped: [] };
  }

  /** One transaction per batch, so that a sign-in does not wait long for the purge. */
  private async inBatches(limit: number, purge: () => Promise<number>): Promise<number> {
    let done = 0;
    for (;;) {
      const purged = await purge();
      done += purged;
      if (purged < limit) return done;
    }
  }
}
