import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../kernel/tx';
import { sql } from '../database';
import { Metrics } from '../metrics';
import type { RunSummary } from '../schedule';
import { outboxState } from './sql/outbox-state.sql';
import { purgeDelivered } from './sql/purge-delivered.sql';

const RETENTION_MS = 7 * 86_400_000;
const PURGE_CHUNK = 5_000;
const COUNT_MAX = 100_000;

export interface OutboxState {
  /** Counted up to 100,000. */
  readonly pending: number;
  readonly oldestAt: Date | null;
  readonly parked: number;
}

/** State and purge of the outbox tables, over all tenants. */
@Injectable()
export class OutboxMaintenance {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly metrics: Metrics,
  ) {}

  async state(): Promise<OutboxState> {
    const row = await this.uow.runForSystem((tx) => sql(tx).one(outboxState({ limit: COUNT_MAX })));
    return { pending: Number(row.pending), oldestAt: row.oldest_at, parked: Number(row.parked) };
  }

  /** In chunks of one transaction each, so that the purge holds no lock for long. */
  async purge(olderThanMs = RETENTION_MS): Promise<RunSummary> {
    let done = 0;
    for (;;) {
      const { purged } = await this.uow.runForSystem((tx) =>
        sql(tx).one(purgeDelivered({ olderThanMs, limit: PURGE_CHUNK })),
      );
      done += Number(purged);
      if (purged < PURGE_CHUNK) return { found: done, done, failed: 0, skipped: [] };
    }
  }

  /** Read when /metrics is read. An unavailable database leaves the other metrics readable. */
  watch(): void {
    const read = () => this.state().catch(() => null);
    this.metrics.gauge({
      name: 'disburse_outbox_pending',
      help: 'Undelivered events, counted up to 100,000.',
      async collect() {
        const state = await read();
        if (state) this.set(state.pending);
      },
    });
    this.metrics.gauge({
      name: 'disburse_outbox_oldest_seconds',
      help: 'Age of the oldest undelivered event.',
      async collect() {
        const state = await read();
        if (state) this.set(state.oldestAt ? Math.max(0, Date.now() - state.oldestAt.getTime()) / 1_000 : 0);
      },
    });
  }
}
