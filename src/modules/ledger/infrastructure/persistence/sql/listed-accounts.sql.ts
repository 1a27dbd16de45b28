/**
 * Whether account `a` is one of `listed.ids`, which are sorted. ANY lets PostgreSQL scan the index once for all
 * ids. If the planner chooses a sequential scan of a small table instead, ANY would compare each row with the
 * whole list; the binary search of width_bucket is cheaper for the planner and is evaluated first then.
 */
export const IS_LISTED = `a.id = ANY ((SELECT ids FROM listed)::uuid[])
       AND (SELECT ids FROM listed)[width_bucket(a.id, (SELECT ids FROM listed))] = a.id`;
