import { randomBytes } from 'node:crypto';

const RANDOM_BYTES = 32;
/**
 * `ds` a session, `dr` a refresh token, `di` an invitation, `dp` a password reset: a token that leaked can be
 * recognised.
 */
export type TokenPrefix = 'ds' | 'dr' | 'di' | 'dp';

const SHAPE = /^(ds|dr|di|dp)_[A-Za-z0-9_-]{43}$/;

/** 256 random bits. Only the hash is stored (`hashOf`). */
export function newToken(prefix: TokenPrefix): string {
  return `${prefix}_${randomBytes(RANDOM_BYTES).toString('base64url')}`;
}

/** A text of another shape was never issued, so it needs no look-up. */
export function isToken(text: string, prefix: TokenPrefix): boolean {
  return SHAPE.exec(text)?.[1] === prefix;
}
