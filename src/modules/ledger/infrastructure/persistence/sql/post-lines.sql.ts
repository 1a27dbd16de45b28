import type { Sql } from '../../../../../platform/database';
import type { BalanceChange, JournalEntry } from '../../../domain/journal-entry';
import { IS_LISTED } from './listed-accounts.sql';

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

/** The value of account `a` in a list of `listed`. The lists are sorted by id: width_bucket is a binary search. */
function ofAccount(list: 'deltas' | 'floors'): string {
  return `(SELECT ${list} FROM listed)[width_bucket(a.id, (SELECT ids FROM listed))]`;
}

/**
 * Locks accounts, changes balances and inserts postings in one statement. If accounts would fall below their
 * floor, it returns them and changes nothing. All locks are taken in account order before the first balance
 * changes (`short` reads all of `locked`), so that two transactions cannot deadlock. NO KEY, so that foreign keys
 * of other postings are not blocked. No joins: for lists of unknown length PostgreSQL may choose a nested loop,
 * and thousands of look-ups by key cost three times one scan of the index.
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
