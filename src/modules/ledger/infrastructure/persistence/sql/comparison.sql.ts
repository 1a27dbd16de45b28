import type { Sql } from '../../../../../platform/database';

export interface ComparisonRow {
  readonly check_name: string;
  readonly compared: bigint;
  readonly differing: bigint;
  readonly differences: { subject: string; expected: string | null; actual: string | null }[];
}

const SHOWN_MAX = 100;

/**
 * Counts and returns the rows (check_name, subject, expected, actual) in which expected and actual differ.
 * Returns a row for every check, also for one that compared nothing, so that such a check is visible.
 */
export function comparison(
  tenant: string,
  checks: readonly string[],
  ctes: string,
  comparedRows: string,
): Sql<ComparisonRow> {
  return {
    text: `
      WITH ${ctes ? `${ctes},` : ''}
      compared AS MATERIALIZED (${comparedRows}),
      differing AS MATERIALIZED (
        SELECT *, row_number() OVER (PARTITION BY check_name ORDER BY subject) AS number
          FROM compared WHERE expected IS DISTINCT FROM actual),
      totals AS (SELECT check_name, count(*) AS compared FROM compared GROUP BY check_name)
      SELECT n.check_name, coalesce(t.compared, 0) AS compared,
             (SELECT count(*) FROM differing d WHERE d.check_name = n.check_name) AS differing,
             (SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'subject', subject, 'expected', expected, 'actual', actual) ORDER BY number), '[]')
                FROM differing d WHERE d.check_name = n.check_name AND d.number <= ${SHOWN_MAX})
                  AS differences
        FROM unnest($2::text[]) WITH ORDINALITY AS n (check_name, position)
        LEFT JOIN totals t USING (check_name)
       ORDER BY n.position`,
    values: [tenant, checks],
  };
}
