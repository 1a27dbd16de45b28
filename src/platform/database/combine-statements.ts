import { hash } from 'node:crypto';
import type { TenantId } from '../../kernel/ids';
import type { PendingWrite } from '../../kernel/tx';
import type { Sql } from './sql';

/**
 * Writes any number of rows of one tenant; what it answers is read by nobody. Its text and name are the same
 * whatever the rows, and it does not begin with WITH: that must stand at the top.
 */
export type RowsStatement<Row> = (tenant: TenantId, rows: readonly Row[]) => Sql<unknown>;

interface Part<Row> {
  readonly statement: RowsStatement<Row>;
  readonly rows: readonly Row[];
}

/** What was composed once: the same statements come together again with every request. */
const composed = new Map<string, { readonly name: string; readonly text: string }>();

export function pendingWrite<Row>(statement: RowsStatement<Row>, rows: readonly Row[]): PendingWrite {
  return { statement, rows } as unknown as PendingWrite;
}

/**
 * Rows for one statement are written by one, whoever brings them; so many are written at what one row costs.
 */
export function statementsOf(tenant: TenantId, writes: readonly PendingWrite[]): Sql<unknown>[] {
  const rowsOf = new Map<RowsStatement<unknown>, unknown[]>();
  for (const { statement, rows } of writes as unknown as readonly Part<unknown>[]) {
    if (rows.length > 0) rowsOf.set(statement, [...(rowsOf.get(statement) ?? []), ...rows]);
  }
  return [...rowsOf].map(([statement, rows]) => statement(tenant, rows));
}

/** Statements as one, where a round trip counts. None sees what another wrote; all are done, or none. */
export function combineStatements(statements: readonly Sql<unknown>[]): Sql<unknown> {
  const values = statements.flatMap((statement) => statement.values);
  if (!statements.every(({ name }) => name)) return { text: textOf(statements), values };
  const key = statements.map(({ name }) => name).join('+');
  let known = composed.get(key);
  // PostgreSQL cuts names at 63 characters, and two that were cut could be one.
  if (!known)
    composed.set(
      key,
      (known = { name: `together-${hash('sha256', key).slice(0, 32)}`, text: textOf(statements) }),
    );
  return { ...known, values };
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
