import type { Sql } from '../../../../../platform/database';
import type { BalanceChange, JournalEntry } from '../../../domain/journal-entry';
import { IS_LISTED } from './is-listed.sql';

const TEXT = `
  WITH listed AS MATERIALIZED (
    SELECT array_agg(id ORDER BY id) AS ids, array_agg(delta ORDER BY id)
      AS deltas, array_agg(floor ORDER BY id) AS floors
      FROM unnest($2::uuid[], $3::bigint[], $4::boolean[]) AS c (id, delta, floor)),
  locked AS MATERIALIZED (
    SELECT a.id, a.minor + ${ofAccount('deltas')} AS minor, ${ofAccount('floors')} AS floor
      FROM ledger.accounts a
     WHERE a.tenant_id = $1 AND ${IS_LISTED}
     ORDER BY a.id
       FOR NO KEY UPDATE),
  short AS MATERIALIZED (SELECT id, minor FROM locked WHERE floor AND minor < 0),
  moved AS (
    UPDATE ledger.accounts a SET minor = a.minor + ${ofAccount('deltas')}
     WHERE a.tenant_id = $1 AND ${IS_LISTED}
       AND NOT EXISTS (SELECT FROM short)),
  written AS (
    INSERT INTO ledger.postings (tenant_id, entry_id, position, from_account_id, to_account_id, minor)
    SELECT $1, p.entry_id, p.position, p.from_account_id, p.to_account_id, p.minor
      FROM unnest($5::uuid[], $6::int[], $7::uuid[], $8::uuid[], $9::bigint[])
        AS p (entry_id, position, from_account_id, to_account_id, minor)
     WHERE NOT EXISTS (SELECT FROM short))
  SELECT id, minor FROM short`;

/**
 * What `listed` says of the account in hand: its lists are in order of id, so that the place of an id is
 * found by halving.
 */
function ofAccount(list: 'deltas' | 'floors'): string {
  return `(SELECT ${list} FROM listed)[width_bucket(a.id, (SELECT ids FROM listed))]`;
}

/**
 * Locks, moves and writes in one message, or answers which accounts would fall below their floor and does
 * nothing. All locks are taken in account order before the first balance changes ("short" reads "locked" to
 * its end), so that two posters never wait for each other. NO KEY: the foreign keys of other people's
 * postings may still look at the account. No joins: those of two lists of unknown length may become a nested
 * loop, and thousands of look-ups by key cost three times one walk of the index.
 */
export function postLines(
  tenant: string,
  entries: readonly JournalEntry[],
  changes: readonly BalanceChange[],
): Sql<{ id: string; minor: bigint }> {
  const lines = entries.flatMap((entry) =>
    entry.lines.map((line, position) => ({ entryId: entry.id, position, line })),
  );
  return {
    name: 'ledger.post-lines',
    text: TEXT,
    values: [
      tenant,
      changes.map((change) => change.id),
      changes.map((change) => change.delta),
      changes.map((change) => change.floor),
      lines.map(({ entryId }) => entryId),
      lines.map(({ position }) => position),
      lines.map(({ line }) => line.fromId),
      lines.map(({ line }) => line.toId),
      lines.map(({ line }) => line.minor),
    ],
  };
}
