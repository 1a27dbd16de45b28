const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

/** One sign-in lasts a working day; with "remember me", a month unless a week passes without use. */
export const SESSION = { absoluteS: 12 * HOUR_S, idleS: 2 * HOUR_S } as const;
export const REMEMBERED_SESSION = { absoluteS: 30 * DAY_S, idleS: 7 * DAY_S } as const;
export const REFRESH = { absoluteS: 30 * DAY_S, idleS: 7 * DAY_S } as const;
export const INVITATION_S = 7 * DAY_S;
export const PASSWORD_RESET_S = HOUR_S;
/** The time of the last use is written this often at most: a session may be used many times a second. */
export const SEEN_EVERY_S = MINUTE_S;
