import type { Sql } from '../../../../../platform/database';
import type { TransferStatus } from '../../../contract';
import type { TransferSnapshot } from '../../../domain/transfer-snapshot';
import { SNAPSHOT_LIST } from '../transfer-columns';

export type LockedRow = TransferSnapshot & { readonly dbNow: Date };

const due = (which: string, limit: string) => `
      SELECT ${SNAPSHOT_LIST}, clock_timestamp() AS "dbNow"
        FROM transfers.transfers t
       WHERE t.tenant_id = $1 AND t.rail_account_id = $2 AND t.due_at <= statement_timestamp() AND ${which}
       ORDER BY t.due_at, t.id
       LIMIT ${limit}
         FOR UPDATE SKIP LOCKED`;

/**
 * The oldest due transfers of one account, a `processing` one included when its lease ran out (its due_at is
 * the end of the lease). Transfers that were sent before come first: after a backlog of a million they would
 * outlive their safe window. SKIP LOCKED, so that workers do not wait for each other. `id` makes the order
 * total, so that two workers lock in the same order. statement_timestamp(), because a volatile clock cannot
 * bound the index scan.
 */
export function lockDueTransfers(tenantId: string, railAccountId: string, limit: number): Sql<LockedRow> {
  return {
    name: 'lock_due_transfers',
    text: `
      WITH again AS MATERIALIZED (${due('t.generation > 0', '$3')}),
           fresh AS MATERIALIZED (${due('t.generation = 0', '$3 - (SELECT count(*) FROM again)')})
      SELECT * FROM again UNION ALL SELECT * FROM fresh`,
    values: [tenantId, railAccountId, limit],
  };
}

/** Due transfers with an ambiguous call, or with a call whose lease ran out. */
export function lockDueAmbiguous(tenantId: string, railAccountId: string, limit: number): Sql<LockedRow> {
  return {
    name: 'lock_due_ambiguous',
    text: due(`t.generation > 0 AND t.state IN ('processing', 'unknown')`, '$3'),
    values: [tenantId, railAccountId, limit],
  };
}

/** Locked in the order of their ids, waiting for other transactions. */
export function lockTransfers(tenantId: string, ids: readonly string[]): Sql<LockedRow> {
  return {
    name: 'lock_transfers',
    text: `
      SELECT ${SNAPSHOT_LIST}, clock_timestamp() AS "dbNow"
        FROM transfers.transfers t
       WHERE t.tenant_id = $1 AND t.id = ANY($2::uuid[])
       ORDER BY t.id
         FOR UPDATE`,
    values: [tenantId, ids],
  };
}

export interface StatusRow {
  readonly origin_id: string;
  readonly id: string;
  readonly state: TransferStatus;
  readonly reason: string | null;
}

/**
 * The newest transfer of an origin comes last. The lock is one that allows a later update: two transactions
 * with shared locks that both want to update would deadlock.
 */
export function lockStatuses(
  tenantId: string,
  originKind: string,
  originIds: readonly string[],
): Sql<StatusRow> {
  return {
    name: 'lock_statuses',
    text: `
      SELECT t.origin_id, t.id, t.state, t.reason
        FROM transfers.transfers t
       WHERE t.tenant_id = $1 AND t.origin_kind = $2 AND t.origin_id = ANY($3::uuid[])
       ORDER BY t.id
         FOR NO KEY UPDATE`,
    values: [tenantId, originKind, originIds],
  };
}

/** The caller has locked the rows. */
export function endOrigins(tenantId: string, originKind: string, originIds: readonly string[]): Sql<unknown> {
  return {
    name: 'end_origins',
    text: `UPDATE transfers.transfers SET origin_ended = true WHERE tenant_id = $1 AND origin_kind = $2
      AND origin_id = ANY($3::uuid[])`,
    values: [tenantId, originKind, originIds],
  };
}
