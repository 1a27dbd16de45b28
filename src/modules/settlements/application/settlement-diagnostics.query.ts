import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { sql, type Sql } from '../../../platform/database';
import { Metrics } from '../../../platform/metrics';

export interface AwaitingApproval {
  readonly count: number;
  readonly oldest: WaitingSettlement | null;
}

export interface WaitingSettlement {
  readonly id: string;
  readonly recorded_at: Date;
}

/** Settlements that wait for an approval. */
@Injectable()
export class SettlementDiagnostics {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly metrics: Metrics,
  ) {}

  awaitingApproval(tx: Tx): Promise<AwaitingApproval> {
    return this.read(tx, this.uow.tenantOf(tx));
  }

  /** Registers gauges over all tenants. If the database does not respond, the other metrics are still served. */
  registerGauges(): void {
    const read = () => this.uow.runForSystem((tx) => this.read(tx, null)).catch(() => null);
    this.metrics.gauge({
      name: 'disburse_settlements_awaiting_approval',
      help: 'Settlements above the limit of their tenant that wait for an approval.',
      async collect() {
        const waiting = await read();
        if (waiting) this.set(waiting.count);
      },
    });
    this.metrics.gauge({
      name: 'disburse_settlements_awaiting_approval_oldest_seconds',
      help: 'How many seconds the oldest of them has waited.',
      async collect() {
        const waiting = await read();
        if (waiting)
          this.set(
            waiting.oldest ? Math.max(0, Date.now() - waiting.oldest.recorded_at.getTime()) / 1_000 : 0,
          );
      },
    });
  }

  private async read(tx: Tx, tenant: string | null): Promise<AwaitingApproval> {
    const oldest = await sql(tx).maybe(oldestAwaiting(tenant));
    return { count: Number(oldest?.count ?? 0), oldest };
  }
}

/** Reads the partial index settlements_awaiting_approval only, and routing columns only. */
function oldestAwaiting(tenant: string | null): Sql<WaitingSettlement & { readonly count: bigint }> {
  return {
    text: `SELECT id, recorded_at, count(*) OVER () AS count FROM settlements.settlements
            WHERE state = 'awaiting_approval' AND ($1::uuid IS NULL OR tenant_id = $1)
              ORDER BY recorded_at, id LIMIT 1`,
    values: [tenant],
  };
}
