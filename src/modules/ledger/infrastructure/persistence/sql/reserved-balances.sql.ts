import type { Sql } from '../../../../../platform/database';
import type { Purpose } from '../../../domain/chart';

export interface ReservedRow {
  readonly owner: string;
  readonly purpose: Purpose;
  readonly currency: string;
  readonly minor: bigint;
}

/** One row per recipient with an open transfer. Used by verification only. */
export function reservedBalances(tenant: string): Sql<ReservedRow> {
  return {
    text: `SELECT owner, purpose, currency, minor FROM ledger.accounts WHERE tenant_id = $1
      AND kind = 'reserved' AND minor <> 0`,
    values: [tenant],
  };
}
