import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../../kernel/tx';
import type { RunSummary } from '../../../../platform/schedule';
import { EndedAccessStore } from './ports';

/** Of what ended this long ago; a token that comes again later than that is refused like one nobody knows. */
const KEPT_S = 7 * 24 * 3600;
const BATCH = 1_000;
/** A family that was used every ten minutes for a month brings 4,320 tokens along. */
const FAMILIES_BATCH = 50;

/**
 * Clears away sessions, token families and tokens of one use that are over. A family goes with its used
 * tokens, and not before it has ended: until then one that comes again must be recognised as a copy.
 */
@Injectable()
export class PurgeEndedAccess {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly ended: EndedAccessStore,
  ) {}

  async execute(batches = { rows: BATCH, families: FAMILIES_BATCH }): Promise<RunSummary> {
    const { rows, families } = batches;
    const sessions = await this.inBatches(rows, () =>
      this.uow.runForSystem((tx) => this.ended.purgeSessions(tx, KEPT_S, rows)),
    );
    const gone = await this.inBatches(families, () =>
      this.uow.runForSystem((tx) => this.ended.purgeFamilies(tx, KEPT_S, families)),
    );
    const tokens = await this.inBatches(rows, () =>
      this.uow.runForSystem((tx) => this.ended.purgeOneTimeTokens(tx, KEPT_S, rows)),
    );
    const done = sessions + gone + tokens;
    return { found: done, done, failed: 0, skipped: [] };
  }

  /** Each its own transaction, so that nobody who logs in or out waits long for the purge. */
  private async inBatches(limit: number, purge: () => Promise<number>): Promise<number> {
    let done = 0;
    for (;;) {
      const purged = await purge();
      done += purged;
      if (purged < limit) return done;
    }
  }
}
