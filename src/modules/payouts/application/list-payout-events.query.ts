import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { sql, type Sql } from '../../../platform/database';
import type { PageWindow } from '../../../kernel/page-window';
import type { PayoutStatus } from '../domain/payout';
import type { PayoutEventKind } from './ports';

export interface PayoutEventView {
  readonly id: string;
  readonly kind: PayoutEventKind | 'created';
  readonly from: PayoutStatus | null;
  readonly to: PayoutStatus;
  readonly reason: string | null;
  readonly actor: string;
  readonly at: Date;
}

/** The events of one payout, newest first; its creation comes last. */
@Injectable()
export class ListPayoutEvents {
  constructor(private readonly uow: UnitOfWork) {}

  execute(tx: Tx, payoutId: string, window: PageWindow): Promise<PayoutEventView[]> {
    return sql(tx).rows(pageOfEvents(this.uow.tenantOf(tx), payoutId, window));
  }
}

/** The creation is read from the payout's own row: an event row for it would store the same facts twice. */
function pageOfEvents(tenant: string, payoutId: string, window: PageWindow): Sql<PayoutEventView> {
  const values: unknown[] = [tenant, payoutId, window.take];
  const beyond = window.position
    ? `WHERE id ${window.backwards ? '>' : '<'} $${values.push(window.position[0])}`
    : '';
  return {
    text: `SELECT id, kind, from_state AS "from", to_state AS "to", reason, actor, occurred_at AS at FROM (
             SELECT id, kind, from_state, to_state, reason, actor, occurred_at FROM payouts.payout_events
               WHERE tenant_id = $1 AND payout_id = $2
             UNION ALL
             SELECT id, 'created', NULL, 'NEW', NULL, created_by, created_at FROM payouts.payouts
               WHERE tenant_id = $1 AND id = $2) e
           ${beyond} ORDER BY id ${window.backwards ? 'ASC' : 'DESC'} LIMIT $3`,
    values,
  };
}
