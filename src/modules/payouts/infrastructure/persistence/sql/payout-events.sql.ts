import type { TenantId } from '../../../../../kernel/ids';
import type { Sql } from '../../../../../platform/database';
import type { PayoutStatus } from '../../../domain/payout';

export interface EventToInsert {
  readonly id: string;
  readonly payoutId: string;
  readonly kind: string;
  readonly from: PayoutStatus;
  readonly to: PayoutStatus;
  readonly reason: string | null;
  readonly actor: string;
  readonly at: Date;
}

export function insertPayoutEvents(tenant: TenantId, events: readonly EventToInsert[]): Sql<unknown> {
  const column = <T>(pick: (event: EventToInsert) => T): T[] => events.map(pick);
  return {
    name: 'payouts.insert-events',
    text: `INSERT INTO payouts.payout_events
             (tenant_id, id, payout_id, kind, from_state, to_state, reason, actor, occurred_at)
           SELECT $1, e.* FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
                                      $7::text[], $8::text[], $9::timestamptz[]) AS e`,
    values: [
      tenant,
      column((e) => e.id),
      column((e) => e.payoutId),
      column((e) => e.kind),
      column((e) => e.from),
      column((e) => e.to),
      column((e) => e.reason),
      column((e) => e.actor),
      column((e) => e.at),
    ],
  };
}
