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
 * the end of the lease). What was sent before comes first: behind a backlog of a million it would outlive the
 * window in which its key may be sent again. SKIP LOCKED: another worker's rows are not waited for. `id`
 * makes the order total, so that two workers lock alike. statement_timestamp(), because a volatile clock
 * cannot bound the index: all that waits for later would be read each time.
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

/**
 * Of what is due, that with a call whose effect is not known: it was begun, and nothing of the rest is begun
 * here.
 */
export function lockDueInDoubt(tenantId: string, railAccountId: string, limit: number): Sql<LockedRow> {
  return {
    name: 'lock_due_in_doubt',
    text: due(`t.generation > 0 AND t.state IN ('processing', 'unknown')`, '$3'),
    values: [tenantId, railAccountId, limit],
  };
}

/** Named transfers, locked in the order of their ids; who holds one of them is waited for. */
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

export interface StandingRow {
  readonly origin_id: string;
  readonly id: string;
  readonly state: TransferStatus;
  readonly reason: string | null;
}

/**
 * The newest of an origin stands last. In the order of ids, and strong enough to be written upon: two shared
 * locks that both want more would wait for each other.
 */
export function holdStandings(
  tenantId: string,
  originKind: string,
  originIds: readonly string[],
): Sql<StandingRow> {
  return {
    name: 'hold_standings',
    text: `
      SELECT t.origin_id, t.id, t.state, t.reason
        FROM transfers.transfers t
       WHERE t.tenant_id = $1 AND t.origin_kind = $2 AND t.origin_id = ANY($3::uuid[])
       ORDER BY t.id
         FOR NO KEY UPDATE`,
    values: [tenantId, originKind, originIds],
  };
}

/** The caller holds their locks. */
export function endOrigins(tenantId: string, originKind: string, originIds: readonly string[]): Sql<unknown> {
  return {
    name: 'end_origins',
    text: `UPDATE transfers.transfers SET origin_ended = true WHERE tenant_id = $1 AND origin_kind = $2
      AND origin_id = ANY($3::uuid[])`,
    values: [tenantId, originKind, originIds],
  };
}
