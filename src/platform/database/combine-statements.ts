import { hash } from 'node:crypto';
import type { TenantId } from '../../kernel/ids';
import type { PendingWrite } from '../../kernel/tx';
import { LocalCache } from '../cache/local-cache';
import type { Sql } from './sql';

/**
 * Writes any number of rows of one tenant; its result is not read. Its text and name are the same whatever the
 * rows, and it does not begin with WITH, which is allowed only at the start of the combined statement.
 */
export type RowsStatement<Row> = (tenant: TenantId, rows: readonly Row[]) => Sql<unknown>;

interface Part<Row> {
  readonly statement: RowsStatement<Row>;
  readonly rows: readonly Row[];
}

/** Without a lifetime: the text depends on the names of its statements only. */
const combined = new LocalCache<string, { readonly name: string; readonly text: string }>({
  maxEntries: 500,
});

export function pendingWrite<Row>(statement: RowsStatement<Row>, rows: readonly Row[]): PendingWrite {
  return { statement, rows } as unknown as PendingWrite;
}

/**
 * Rows for the same statement are written by one statement, whichever request they come from.
 */
export function statementsOf(tenant: TenantId, writes: readonly PendingWrite[]): Sql<unknown>[] {
  const rowsOf = new Map<RowsStatement<unknown>, unknown[]>();
  for (const { statement, rows } of writes as unknown as readonly Part<unknown>[]) {
    if (rows.length > 0) rowsOf.set(statement, [...(rowsOf.get(statement) ?? []), ...rows]);
  }
  return [...rowsOf].map(([statement, rows]) => statement(tenant, rows));
}

/** Combines statements into one, to save round trips. None sees what another wrote; all take effect, or none. */
export function combineStatements(statements: readonly Sql<unknown>[]): Sql<unknown> {
  const values = statements.flatMap((statement) => statement.values);
  if (!statements.every(({ name }) => name)) return { text: textOf(statements), values };
  const key = statements.map(({ name }) => name).join('+');
  const cached = combined.get(key);
  if (cached) return { ...cached, values };
  // A hash, because PostgreSQL cuts names at 63 characters, and two that were cut could be equal.
  const one = { name: `combined-${hash('sha256', key).slice(0, 32)}`, text: textOf(statements) };
  combined.set(key, one);
  return { ...one, values };
}

function textOf(statements: readonly Sql<unknown>[]): string {
  let shift = 0;
  const texts = statements.map(({ text, values }) => {
    const by = shift;
    shift += values.length;
    return text.replace(/\$(\d+)/g, (_place, n: string) => `$${Number(n) + by}`);
  });
  const last = texts.pop() as string;
  return texts.length ? `WITH ${texts.map((text, n) => `w${n} AS (${text})`).join(', ')} ${last}` : last;
}
