import type { Sql } from '../../../../../platform/database';
import type { UploadLine } from '../../../application/ports';
import { ERRORS_SHOWN_MAX } from '../../../domain/errors';
import { RANK_MAX } from '../../../domain/plan';
import type { DueItemRow } from './settlements.sql';

/** An upload that received nothing for this long is abandoned. */
const IDLE_LIMIT = `interval '15 minutes'`;

/** The order of lines without a rank: after all ranks. */
const UNRANKED = RANK_MAX + 1;

export interface UploadLineRow {
  readonly rank_order: bigint;
  readonly recipient_id: string;
  readonly line: number;
  readonly amount_minor: bigint;
}

export function insertUpload(tenant: string, id: string): Sql<unknown> {
  return {
    text: `INSERT INTO settlements.uploads (tenant_id, id, state) VALUES ($1, $2, 'receiving')`,
    values: [tenant, id],
  };
}

export function changeUploadState(id: string, to: 'receiving' | 'received' | 'discarded'): Sql<unknown> {
  return {
    text: `UPDATE settlements.uploads SET state = $2, touched_at = now() WHERE id = $1
      AND state = 'receiving'`,
    values: [id, to],
  };
}

export function discardUpload(id: string): Sql<unknown> {
  return { text: `UPDATE settlements.uploads SET state = 'discarded' WHERE id = $1`, values: [id] };
}

export function discardIdleUpload(id: string): Sql<unknown> {
  return {
    text: `UPDATE settlements.uploads SET state = 'discarded' WHERE id = $1 AND state = 'receiving'
      AND touched_at < now() - ${IDLE_LIMIT}`,
    values: [id],
  };
}

export function insertUploadLines(tenant: string, id: string, lines: readonly UploadLine[]): Sql<unknown> {
  return {
    name: 'settlements.insert-intake-lines',
    text: `INSERT INTO settlements.upload_lines (tenant_id, upload_id, rank_order, recipient_id, line,
      amount_minor)
           SELECT $1, $2, l.* FROM unnest($3::bigint[], $4::uuid[], $5::int[], $6::bigint[]) l`,
    values: [
      tenant,
      id,
      lines.map(({ rank }) => orderOf(rank)),
      lines.map(({ recipientId }) => recipientId),
      lines.map(({ line }) => line),
      lines.map(({ amountMinor }) => amountMinor),
    ],
  };
}

export function sumUploadLines(id: string): Sql<{ lines: bigint; minor: string | null }> {
  return {
    text: `SELECT count(*) AS lines, sum(amount_minor)::text AS minor FROM settlements.upload_lines
      WHERE upload_id = $1`,
    values: [id],
  };
}

/**
 * Every line but the first of each payee; `total` counts all of them. One pass with a window function: the
 * table is not analysed after the upload, and for a join with its own groups PostgreSQL chose a nested loop.
 */
export function duplicateLines(id: string): Sql<{ line: number; first_line: number; total: bigint }> {
  return {
    text: `SELECT line, first_line, count(*) OVER () AS total
             FROM (SELECT line, min(line) OVER (PARTITION BY recipient_id) AS first_line
               FROM settlements.upload_lines WHERE upload_id = $1) lines
            WHERE line > first_line ORDER BY line LIMIT ${ERRORS_SHOWN_MAX}`,
    values: [id],
  };
}

/**
 * The next lines in the order of the primary key. Recorded lines are deleted; without the position of the last
 * line, each page would first scan all of those dead rows.
 */
export function findUploadLinesAfter(
  id: string,
  after: Pick<UploadLine, 'rank' | 'recipientId'> | null,
  limit: number,
): Sql<UploadLineRow> {
  return {
    name: 'settlements.intake-lines-after',
    text: `SELECT rank_order, recipient_id, line, amount_minor FROM settlements.upload_lines
            WHERE upload_id = $1 AND (rank_order, recipient_id) > ($2::bigint, $3::uuid)
            ORDER BY rank_order, recipient_id, line LIMIT $4`,
    values: [
      id,
      after ? orderOf(after.rank) : 0,
      after?.recipientId ?? '00000000-0000-0000-0000-000000000000',
      limit,
    ],
  };
}

/** Deletes exactly the recorded lines: the range of the primary key from the first to the last. */
export function deleteUploadLines(id: string, first: UploadLine, last: UploadLine): Sql<unknown> {
  return {
    text: `DELETE FROM settlements.upload_lines
            WHERE upload_id = $1 AND (rank_order, recipient_id, line) >= ($2::bigint, $3::uuid, $4::int)
              AND (rank_order, recipient_id, line) <= ($5::bigint, $6::uuid, $7::int)`,
    values: [
      id,
      orderOf(first.rank),
      first.recipientId,
      first.line,
      orderOf(last.rank),
      last.recipientId,
      last.line,
    ],
  };
}

/** By ctid, in the order of the heap, which is the cheapest: the order of discarded lines does not matter. */
export function purgeUploadLines(id: string, limit: number): Sql<unknown> {
  return {
    text: `DELETE FROM settlements.upload_lines
      WHERE ctid = ANY(ARRAY(SELECT ctid FROM settlements.upload_lines WHERE upload_id = $1 LIMIT $2))`,
    values: [id, limit],
  };
}

export function deleteUpload(id: string): Sql<unknown> {
  return { text: `DELETE FROM settlements.uploads WHERE id = $1`, values: [id] };
}

export function lockDiscardedUpload(id: string): Sql<{ id: string }> {
  return {
    text: `SELECT id FROM settlements.uploads WHERE id = $1 AND state = 'discarded' FOR UPDATE SKIP LOCKED`,
    values: [id],
  };
}

export function findAbandonedUploads(tenant: string | null): Sql<DueItemRow> {
  return {
    text: `SELECT tenant_id, id FROM settlements.uploads
            WHERE (state = 'discarded' OR (state = 'receiving' AND touched_at < now() - ${IDLE_LIMIT}))
              AND ($1::uuid IS NULL OR tenant_id = $1)
            ORDER BY touched_at LIMIT 1000`,
    values: [tenant],
  };
}

export function uploadLineOf(row: UploadLineRow): UploadLine {
  const order = Number(row.rank_order);
  return {
    line: row.line,
    recipientId: row.recipient_id,
    amountMinor: row.amount_minor,
    rank: order === UNRANKED ? null : order,
  };
}

function orderOf(rank: number | null): number {
  return rank ?? UNRANKED;
}
