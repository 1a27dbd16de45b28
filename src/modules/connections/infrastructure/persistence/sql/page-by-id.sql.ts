import type { Sql } from '../../../../../platform/database';
import type { PageWindow } from '../../../../../kernel/page-window';

/**
 * Newest first: ids are in the order of time, and behind the tenant's wall the primary key is walked.
 * `select` ends before WHERE.
 */
export function pageById<Row>(select: string, { take, position, backwards }: PageWindow): Sql<Row> {
  const beyond = position ? `WHERE id ${backwards ? '>' : '<'} $2` : '';
  return {
    text: `${select} ${beyond} ORDER BY id ${backwards ? 'ASC' : 'DESC'} LIMIT $1`,
    values: position ? [take, position[0]] : [take],
  };
}
