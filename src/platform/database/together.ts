import { hash } from 'node:crypto';
import type { Write } from '../../kernel/tx';
import type { Sql } from './sql';

/** What was composed once: the same statements come together again with every request. */
const composed = new Map<string, { readonly name: string; readonly text: string }>();

/** Statements that change rows and whose answers nobody reads, for `UnitOfWork.write`. None begins with WITH: that must stand at the top. */
export function writeOf(...statements: Sql<unknown>[]): Write {
  return { statements } as unknown as Write;
}

export function statementsOf(write: Write): readonly Sql<unknown>[] {
  return (write as unknown as { statements: readonly Sql<unknown>[] }).statements;
}

/** Writes as one statement, where a round trip counts. None sees what another wrote; all are done, or none. */
export function together(statements: readonly Sql<unknown>[]): Sql<unknown> {
  const values = statements.flatMap((statement) => statement.values);
  if (!statements.every(({ name }) => name)) return { text: textOf(statements), values };
  const key = statements.map(({ name }) => name).join('+');
  let known = composed.get(key);
  // PostgreSQL cuts names at 63 characters, and two that were cut could be one.
  if (!known) composed.set(key, (known = { name: `together-${hash('sha256', key).slice(0, 32)}`, text: textOf(statements) }));
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
