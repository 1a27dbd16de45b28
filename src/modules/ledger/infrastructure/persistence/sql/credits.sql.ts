import type { Sql } from '../../../../../platform/database';
import type { JournalEntry } from '../../../domain/journal-entry';
import type { NamedAccount } from './ensure-accounts.sql';

export interface Raise extends NamedAccount {
  /** Minor units, not below 0. */
  readonly delta: bigint;
}

/** Fails for a reference that exists: these entries belong to objects that are inserted in the same statement. */
export function insertEntries(tenant: string, entries: readonly JournalEntry[]): Sql<unknown> {
  return {
    name: 'ledger.insert-entries',
    text: `INSERT INTO ledger.entries (tenant_id, id, reference, kind, actor, content_hash, occurred_at)
           SELECT $1, e.id, e.reference, e.kind, e.actor, e.content_hash, coalesce(e.occurred_at, now())
             FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::timestamptz[])
               AS e (id, reference, kind, actor, content_hash, occurred_at)`,
    values: [
      tenant,
      entries.map((entry) => entry.id),
      entries.map((entry) => entry.reference),
      entries.map((entry) => entry.kind),
      entries.map((entry) => entry.actor),
      entries.map((entry) => entry.contentHash),
      entries.map((entry) => entry.occurredAt),
    ],
  };
}

/**
 * Creates missing accounts and raises existing balances. Deltas must not be negative: PostgreSQL checks the CHECK
 * of the floor before the conflict, so a negative delta would fail for an existing account. One row per account,
 * in account order like in every statement that locks accounts.
 */
export function raiseBalances(tenant: string, raises: readonly Raise[]): Sql<unknown> {
  const byAccount = new Map<string, Raise>();
  for (const { id, ref, delta } of raises)
    byAccount.set(id, { id, ref, delta: delta + (byAccount.get(id)?.delta ?? 0n) });
  const rows = [...byAccount.values()];
  return {
    name: 'ledger.raise-balances',
    text: `INSERT INTO ledger.accounts AS a (tenant_id, id, kind, owner, purpose, currency, minor)
           SELECT $1, r.id, r.kind, r.owner, r.purpose, r.currency, r.delta
             FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::bigint[])
               AS r (id, kind, owner, purpose, currency, delta)
            ORDER BY r.id
           ON CONFLICT (tenant_id, id) DO UPDATE SET minor = a.minor + excluded.minor`,
    values: [
      tenant,
      rows.map(({ id }) => id),
      rows.map(({ ref }) => ref.kind),
      rows.map(({ ref }) => ref.owner),
      rows.map(({ ref }) => ref.purpose),
      rows.map(({ ref }) => ref.currency),
      rows.map(({ delta }) => delta),
    ],
  };
}

export function insertPostings(tenant: string, entries: readonly JournalEntry[]): Sql<unknown> {
  const lines = entries.flatMap((entry) =>
    entry.lines.map((line, position) => ({ entryId: entry.id, position, line })),
  );
  return {
    name: 'ledger.insert-postings',
    text: `INSERT INTO ledger.postings (tenant_id, entry_id, position, from_account_id, to_account_id, minor)
           SELECT $1, p.entry_id, p.position, p.from_account_id, p.to_account_id, p.minor
             FROM unnest($2::uuid[], $3::int[], $4::uuid[], $5::uuid[], $6::bigint[])
               AS p (entry_id, position, from_account_id, to_account_id, minor)`,
    values: [
      tenant,
      lines.map(({ entryId }) => entryId),
      lines.map(({ position }) => position),
      lines.map(({ line }) => line.fromId),
      lines.map(({ line }) => line.toId),
      lines.map(({ line }) => line.minor),
    ],
  };
}
