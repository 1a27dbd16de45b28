import type { Sql } from '../../../../../platform/database';
import type { PageWindow } from '../../../../../kernel/page-window';

/**
 * A page of rows, newest first: ids are in the order of time, and row-level security adds the tenant, so that the
 * primary key is scanned. `select` ends before WHERE.
 */
export function pageById<Row>(select: string, { take, position, backwards }: PageWindow): Sql<Row> {
  const beyond = position ? `WHERE id ${backwards ? '>' : '<'} $2` : '';
  return {
    text: `${select} ${beyond} ORDER BY id ${backwards ? 'ASC' : 'DESC'} LIMIT $1`,
    values: position ? [take, position[0]] : [take],
  };
}
