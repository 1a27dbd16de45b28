/**
 * Whether account `a` is one of `listed.ids`, which are in order. ANY alone lets the index be walked once for
 * all of them; but where the planner thinks that the table is small, and reads it whole, each row would be
 * compared with the whole list. Halving, which is cheaper in the planner's eyes, then comes first.
 */
export const IS_LISTED = `a.id = ANY ((SELECT ids FROM listed)::uuid[])
       AND (SELECT ids FROM listed)[width_bucket(a.id, (SELECT ids FROM listed))] = a.id`;
