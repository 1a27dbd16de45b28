import type { TenantId } from '../../../../../kernel/ids';
import type { Sql } from '../../../../../platform/database';
import { PAYOUT_ROW, type PayoutRow } from '../../../application/list-payouts.query';

/** In the order of their ids: two lists about the same payouts must not wait for each other. */
export function lockPayouts(tenant: TenantId, ids: readonly string[]): Sql<PayoutRow> {
  return {
    name: 'payouts.lock',
    text: `SELECT ${PAYOUT_ROW} FROM payouts.payouts WHERE tenant_id = $1 AND id = ANY($2::uuid[])
      ORDER BY id FOR NO KEY UPDATE`,
    values: [tenant, ids],
  };
}
