import type { TenantId } from '../../../../../kernel/ids';
import type { Sql } from '../../../../../platform/database';
import { PAYOUT_ROW, type PayoutRow } from '../../../application/list-payouts.query';

export function payoutById(tenant: TenantId, id: string): Sql<PayoutRow> {
  return {
    name: 'payouts.by-id',
    text: `SELECT ${PAYOUT_ROW} FROM payouts.payouts WHERE tenant_id = $1 AND id = $2`,
    values: [tenant, id],
  };
}
