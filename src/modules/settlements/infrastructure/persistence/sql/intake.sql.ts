import type { Sql } from '../../../../../platform/database';
import type { IntakeLine } from '../../../application/ports';
import { REFUSALS_SHOWN_MAX } from '../../../domain/errors';
import { RANK_MAX } from '../../../domain/plan';
import type { RouteRow } from './settlements.sql';

/** A stream that brings nothing for this long has lost its sender. */
const STILL_FOR = `interval '15 minutes'`;

/** Where a line stands in the canonical order: by rank, those without one last. */
const UNRANKED = RANK_MAX + 1;

export interface IntakeLineRow {
  readonly rank_order: bigint;
  readonly recipient_id: string;
  readonly line: number;
  readonly amount_minor: bigint;
}

export function openIntake(tenant: string, id: string): Sql<unknown> {
  return {
    text: `INSERT INTO settlements.intakes (tenant_id, id, state) VALUES ($1, $2, 'receiving')`,
    values: [tenant, id],
  };
}

export function moveIntake(id: string, to: 'receiving' | 'received' | 'discarded'): Sql<unknown> {
  return {
    text: `UPDATE settlements.intakes SET state = $2, touched_at = now() WHERE id = $1
      AND state = 'receiving'`,
    values: [id, to],
  };
}

export function discardIntake(id: string): Sql<unknown> {
  return { text: `UPDATE settlements.intakes SET state = 'discarded' WHERE id = $1`, values: [id] };
}

export function giveUpIntake(id: string): Sql<unknown> {
  return {
    text: `UPDATE settlements.intakes SET state = 'discarded' WHERE id = $1 AND state = 'receiving'
      AND touched_at < now() - ${STILL_FOR}`,
    values: [id],
  };
}

export function insertLines(tenant: string, id: string, lines: readonly IntakeLine[]): Sql<unknown> {
  return {
    name: 'settlements.insert-intake-lines',
    text: `INSERT INTO settlements.intake_lines (tenant_id, intake_id, rank_order, recipient_id, line,
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

export function sumLines(id: string): Sql<{ lines: bigint; minor: string | null }> {
  return {
    text: `SELECT count(*) AS lines, sum(amount_minor)::text AS minor FROM settlements.intake_lines
      WHERE intake_id = $1`,
    values: [id],
  };
}

/**
 * Every line but the first of each payee; `total` counts them all, the rows are the first of them by line.
 * One pass with a window: nothing has analysed rows this young, and a join of them with their own groups
 * became a loop within a loop.
 */
export function duplicateLines(id: string): Sql<{ line: number; first_line: number; total: bigint }> {
  return {
    text: `SELECT line, first_line, count(*) OVER () AS total
             FROM (SELECT line, min(line) OVER (PARTITION BY recipient_id) AS first_line
               FROM settlements.intake_lines WHERE intake_id = $1) lines
            WHERE line > first_line ORDER BY line LIMIT ${REFUSALS_SHOWN_MAX}`,
    values: [id],
  };
}

/**
 * The next lines by the primary key. The lines before are deleted as they are taken; without the key to go on
 * from, each page would first walk over all of those dead rows.
 */
export function linesAfter(
  id: string,
  after: Pick<IntakeLine, 'rank' | 'recipientId'> | null,
  limit: number,
): Sql<IntakeLineRow> {
  return {
    name: 'settlements.intake-lines-after',
    text: `SELECT rank_order, recipient_id, line, amount_minor FROM settlements.intake_lines
            WHERE intake_id = $1 AND (rank_order, recipient_id) > ($2::bigint, $3::uuid)
            ORDER BY rank_order, recipient_id, line LIMIT $4`,
    values: [
      id,
      after ? orderOf(after.rank) : 0,
      after?.recipientId ?? '00000000-0000-0000-0000-000000000000',
      limit,
    ],
  };
}

/**
 * Removes exactly the lines that were taken: a range of the primary key, bounded by the first and the last of
 * them.
 */
export function deleteLines(id: string, first: IntakeLine, last: IntakeLine): Sql<unknown> {
  return {
    text: `DELETE FROM settlements.intake_lines
            WHERE intake_id = $1 AND (rank_order, recipient_id, line) >= ($2::bigint, $3::uuid, $4::int)
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

/** In pages of the heap: a discarded intake has no order to keep. */
export function purgeLines(id: string, limit: number): Sql<unknown> {
  return {
    text: `DELETE FROM settlements.intake_lines
      WHERE ctid = ANY(ARRAY(SELECT ctid FROM settlements.intake_lines WHERE intake_id = $1 LIMIT $2))`,
    values: [id, limit],
  };
}

export function deleteIntake(id: string): Sql<unknown> {
  return { text: `DELETE FROM settlements.intakes WHERE id = $1`, values: [id] };
}

export function lockDiscarded(id: string): Sql<{ id: string }> {
  return {
    text: `SELECT id FROM settlements.intakes WHERE id = $1 AND state = 'discarded' FOR UPDATE SKIP LOCKED`,
    values: [id],
  };
}

export function abandonedIntakes(tenant: string | null): Sql<RouteRow> {
  return {
    text: `SELECT tenant_id, id FROM settlements.intakes
            WHERE (state = 'discarded' OR (state = 'receiving' AND touched_at < now() - ${STILL_FOR}))
              AND ($1::uuid IS NULL OR tenant_id = $1)
            ORDER BY touched_at LIMIT 1000`,
    values: [tenant],
  };
}

export function intakeLineOf(row: IntakeLineRow): IntakeLine {
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
