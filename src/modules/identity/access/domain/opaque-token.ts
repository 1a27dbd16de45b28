import { randomBytes } from 'node:crypto';

const RANDOM_BYTES = 32;
/**
 * `ds` a session, `dr` a refresh token, `di` an invitation, `dp` a password reset: what is found lying around can be told apart.
 */
export type TokenPrefix = 'ds' | 'dr' | 'di' | 'dp';

const SHAPE = /^(ds|dr|di|dp)_[A-Za-z0-9_-]{43}$/;

/** 256 random bits; kept as a hash (`hashOf`), shown once. */
export function newToken(prefix: TokenPrefix): string {
  return `${prefix}_${randomBytes(RANDOM_BYTES).toString('base64url')}`;
}

/** What has another shape was never given out: nothing needs to be asked for it. */
export function isToken(text: string, prefix: TokenPrefix): boolean {
  return SHAPE.exec(text)?.[1] === prefix;
}
