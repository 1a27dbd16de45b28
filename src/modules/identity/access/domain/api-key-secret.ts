import { hash, randomInt } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** 40 characters of 62 are 238 random bits; the 8 that are kept readable leave 190. */
const RANDOM_CHARACTERS = 40;
const PREFIX_CHARACTERS = 'dk_'.length + 8;
const SECRET = /^dk_[A-Za-z0-9]{40}$/;

export function newSecret(): string {
  return `dk_${Array.from({ length: RANDOM_CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')}`;
}

/** What people recognise a key by, in lists and logs. */
export function prefixOf(secret: string): string {
  return secret.slice(0, PREFIX_CHARACTERS);
}

export function isSecret(text: string): boolean {
  return SECRET.test(text);
}

/**
 * One round of SHA-256 is enough at this entropy: there is nothing to guess, and every request pays for it.
 */
export function hashOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}
