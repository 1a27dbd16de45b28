import type { Sql } from './sql';

/** Two writes as one statement, where a round trip counts. Neither sees what the other wrote; both are done, or neither. */
export function alongside(statement: Sql<unknown>, also: Sql<unknown>): Sql<unknown> {
  const shifted = also.text.replace(/\$(\d+)/g, (_place, n: string) => `$${Number(n) + statement.values.length}`);
  const text = `WITH also AS (${shifted}) ${statement.text}`;
  const values = [...statement.values, ...also.values];
  return statement.name && also.name ? { name: `${statement.name}+${also.name}`, text, values } : { text, values };
}
