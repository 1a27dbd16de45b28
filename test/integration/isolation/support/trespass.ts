import type { Client, QueryResult } from 'pg';
import type { TenantId } from '../../../../src/kernel/ids';
import { tenantColumnOf, type Table } from './catalogue';
import { insertOf, rowFor } from './rows';

/** Whose rows are tried, by whom: another tenant, or a connection that has named none. */
export interface Trespasser {
  readonly victim: TenantId;
  readonly as: TenantId | null;
}

const DENIED = '42501';

interface Outcome {
  readonly code: string | null;
  readonly rows: number;
}

/** One try in a transaction of its own, undone afterwards. */
async function tried(
  app: Client,
  as: TenantId | null,
  statement: string,
  values: unknown[] = [],
): Promise<Outcome> {
  await app.query(as ? `BEGIN; SET LOCAL app.tenant_id = '${as}'` : 'BEGIN');
  try {
    const { rowCount }: QueryResult = await app.query(statement, values);
    return { code: null, rows: rowCount ?? 0 };
  } catch (error) {
    return { code: (error as { code?: string }).code ?? String(error), rows: 0 };
  } finally {
    await app.query('ROLLBACK');
  }
}

type Attempt = (app: Client, table: Table, who: Trespasser) => Promise<Outcome>;

const where = (table: Table) => `${tenantColumnOf(table)} = $1`;

/** A column that the application may write, so that the row's wall is tried and not only the privilege. */
function writable(table: Table): string {
  return (table.columns.find((column) => column.updatable)?.name ?? tenantColumnOf(table)) as string;
}

/** What must find no row or be refused. */
export const ATTEMPTS: Readonly<Record<string, Attempt>> = {
  'SELECT by tenant': (app, table, { victim, as }) =>
    tried(app, as, `SELECT * FROM ${table.name} WHERE ${where(table)}`, [victim]),
  'SELECT of all': (app, table, { as }) =>
    tried(app, as, `SELECT * FROM ${table.name} WHERE ${tenantColumnOf(table)}::text IS DISTINCT FROM $1`, [
      as,
    ]),
  'INSERT for another': (app, table, { victim, as }) => {
    const { text, values } = insertOf(table, rowFor(table, victim));
    return tried(app, as, text, values);
  },
  'UPDATE by tenant': (app, table, { victim, as }) =>
    tried(app, as, `UPDATE ${table.name} SET ${writable(table)} = ${writable(table)} WHERE ${where(table)}`, [
      victim,
    ]),
  'UPDATE that gives a row away': (app, table, { victim, as }) =>
    tried(
      app,
      as,
      `UPDATE ${table.name} SET ${tenantColumnOf(table)} = $1 WHERE ${tenantColumnOf(table)} IS NOT NULL`,
      [victim],
    ),
  'DELETE by tenant': (app, table, { victim, as }) =>
    tried(app, as, `DELETE FROM ${table.name} WHERE ${where(table)}`, [victim]),
  TRUNCATE: (app, table, { as }) => tried(app, as, `TRUNCATE ${table.name} CASCADE`),
};

/** Tables where the attempt touched a row, or failed for a reason that is no wall. */
export async function leaksOf(
  attempt: string,
  app: Client,
  tables: readonly Table[],
  who: Trespasser,
): Promise<string[]> {
  const leaks: string[] = [];
  for (const table of tables) {
    const outcome = await (ATTEMPTS[attempt] as Attempt)(app, table, who);
    const refused = outcome.code === DENIED || (outcome.code === null && outcome.rows === 0);
    if (!refused) leaks.push(`${table.name}: ${outcome.code ?? `${outcome.rows} rows`}`);
  }
  return leaks;
}

/**
 * What the owner of a row may do with it: how many it sees, and whether its wall lets it write another one.
 */
export async function ownRights(
  app: Client,
  table: Table,
  tenant: TenantId,
): Promise<{ seen: number; insert: string | null }> {
  const seen = await tried(app, tenant, `SELECT * FROM ${table.name}`);
  const { text, values } = insertOf(table, rowFor(table, tenant));
  return { seen: seen.rows, insert: (await tried(app, tenant, text, values)).code };
}
