import type { TenantId } from '../../../../../kernel/ids';
import type { Sql } from '../../../../../platform/database';
import type { PayoutSnapshot } from '../../../domain/payout';

/** The caller holds their locks. */
export function updatePayouts(tenant: TenantId, payouts: readonly PayoutSnapshot[]): Sql<unknown> {
  const column = <T>(pick: (payout: PayoutSnapshot) => T): T[] => payouts.map(pick);
  return {
    name: 'payouts.update',
    text: `UPDATE payouts.payouts p SET state = n.state, reason = n.reason, transfer_id = n.transfer_id,
      updated_at = n.updated_at, finished_at = n.finished_at
             FROM unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::timestamptz[], $7::timestamptz[])
               AS n (id, state, reason, transfer_id, updated_at, finished_at)
            WHERE p.tenant_id = $1 AND p.id = n.id`,
    values: [
      tenant,
      column((p) => p.id),
      column((p) => p.status),
      column((p) => p.reason),
      column((p) => p.transferId),
      column((p) => p.updatedAt),
      column((p) => p.finishedAt),
    ],
  };
}
