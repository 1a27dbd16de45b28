export const COMPARISONS = ['gt', 'gte', 'lt', 'lte'] as const;
export type Comparison = (typeof COMPARISONS)[number];

const FINER_THAN_MS = /\.\d{3}0*[1-9]/;
/** The last millisecond that JavaScript and PostgreSQL write alike. */
const MS_MAX = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * A bound of time in whole milliseconds, which is how times are shown: `gt` and `gte` hold from it on, `lt`
 * and `lte` before it.
 * `time` is RFC 3339, as it came: a Date would lose what is finer, and PostgreSQL would round what is finer than a microsecond.
 */
export function msBound(comparison: Comparison, time: string): number {
  // RFC 3339 allows small letters, Date.parse does not.
  const ms = Date.parse(time.toUpperCase());
  const startsAtOnce = comparison === 'gte' || comparison === 'lt';
  return Math.min(startsAtOnce && !FINER_THAN_MS.test(time) ? ms : ms + 1, MS_MAX);
}
