import type { PoolClient } from 'pg';
import type { Tx } from '../../kernel/tx';
import { arrayParameter } from './array-parameter';
import { contextOf } from './tx-context';

/**
 * One statement: text with $n parameters only. `Row` is what it answers. `name` makes it a prepared statement
 * of the connection.
 */
export interface Sql<Row> {
  readonly text: string;
  readonly values: unknown[];
  readonly name?: string;
  readonly __row?: Row;
}

export interface SqlRunner {
  rows<Row>(statement: Sql<Row>): Promise<Row[]>;
  /** The one row a statement must answer; none or two are a defect. */
  one<Row>(statement: Sql<Row>): Promise<Row>;
  maybe<Row>(statement: Sql<Row>): Promise<Row | null>;
  /** Everything that can fail here is done; to be sent by calling it. */
  prepared(statement: Sql<unknown>): () => Promise<unknown>;
  /** Number of rows written. */
  count(statement: Sql<unknown>): Promise<number>;
}

/** Runs statements inside an open transaction. */
export function sql(tx: Tx): SqlRunner {
  return runnerOn(contextOf(tx).client);
}

export function runnerOn(client: Pick<PoolClient, 'query'>): SqlRunner {
  const prepared = ({ name, text, values: given }: Sql<unknown>) => {
    const values = given.map(arrayParameter);
    return () => client.query(name ? { name, text, values } : { text, values });
  };
  const run = (statement: Sql<unknown>) => prepared(statement)();
  return {
    prepared,
    async rows<Row>(s: Sql<Row>) {
      return (await run(s)).rows as Row[];
    },
    async one<Row>(s: Sql<Row>) {
      const { rows } = await run(s);
      if (rows.length !== 1) throw new Error(`expected one row, got ${rows.length}: ${s.text.slice(0, 80)}`);
      return rows[0] as Row;
    },
    async maybe<Row>(s: Sql<Row>) {
      const { rows } = await run(s);
      if (rows.length > 1)
        throw new Error(`expected at most one row, got ${rows.length}: ${s.text.slice(0, 80)}`);
      return (rows[0] as Row | undefined) ?? null;
    },
    async count(s: Sql<unknown>) {
      return (await run(s)).rowCount ?? 0;
    },
  };
}
